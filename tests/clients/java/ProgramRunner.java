package paystream;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs main classes one after the other in one JVM. A line on the standard input is a call, base64 words: the
 * class, its input, its arguments; a line on the standard output is the answer: status, output, errors.
 */
public final class ProgramRunner {
    /** What a program gets where it asked for the end of the JVM. */
    private static final class Ended extends RuntimeException {
        final int status;

        Ended(int status) {
            super("exit " + status, null, false, false);
            this.status = status;
        }
    }

    /** Scala keeps the first standard output that it sees, so this one stays and what is behind it changes. */
    private static final class Switch extends OutputStream {
        volatile OutputStream target = OutputStream.nullOutputStream();

        @Override
        public void write(int b) throws IOException {
            target.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            target.write(bytes, from, length);
        }
    }

    /** The console consumer counts in static fields, so each run gets classes of its own. */
    private static final class FreshConsumerTool extends ClassLoader {
        private static final String PREFIX = "org.apache.kafka.tools.consumer.";

        FreshConsumerTool() {
            super(ProgramRunner.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PREFIX)) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) return loaded;
                try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        }
    }

    private static final ConcurrentLinkedQueue<Runnable> HOOKS = new ConcurrentLinkedQueue<>();

    private static volatile Ended first;

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Switch output = new Switch();
        Switch errors = new Switch();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        Exit.setExitProcedure((status, message) -> {
            throw ended(status);
        });
        Exit.setHaltProcedure((status, message) -> {
            throw ended(status);
        });
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        for (String line = calls.readLine(); line != null; line = calls.readLine()) {
            List<String> words = new ArrayList<>();
            for (String word : line.split(" ")) {
                words.add(new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_8));
            }
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            ByteArrayOutputStream failed = new ByteArrayOutputStream();
            output.target = written;
            errors.target = failed;
            first = null;
            System.setIn(new ByteArrayInputStream(words.get(1).getBytes(StandardCharsets.UTF_8)));
            int status = call(words.get(0), words.subList(2, words.size()).toArray(String[]::new));
            answers.println(status + " " + encode(written) + " " + encode(failed));
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    private static int call(String name, String[] args) {
        int status = 0;
        try {
            ClassLoader loader =
                name.equals(FreshConsumerTool.PREFIX + "ConsoleConsumer") ? new FreshConsumerTool() : ProgramRunner.class.getClassLoader();
            Class.forName(name, true, loader).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            status = statusOf(e.getCause());
        } catch (ReflectiveOperationException e) {
            status = statusOf(e);
        }
        // What would run at the JVM's end: the console producer sends its last records there.
        for (Runnable hook = HOOKS.poll(); hook != null; hook = HOOKS.poll()) {
            Thread thread = new Thread(hook);
            thread.setDaemon(true);
            thread.start();
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        System.out.flush();
        System.err.flush();
        return status;
    }

    /** A program may catch what ends it and exit again, with another status: the JVM would have been gone. */
    private static Ended ended(int status) {
        if (first == null) first = new Ended(status);
        return first;
    }

    private static int statusOf(Throwable thrown) {
        if (first != null) return first.status;
        thrown.printStackTrace();
        return 1;
    }

    private static String encode(ByteArrayOutputStream bytes) {
        return "=" + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
