package paystream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What Kafka's own Java clients see of a broker. `ClientChecks brokers prefix`; each check prints a line, "ok name"
 * or "failed name" with the reason in the lines below, and all of them run.
 */
public final class ClientChecks {
    private interface Check {
        void run() throws Exception;
    }

    private static String brokers;
    private static String prefix;
    private static Admin admin;

    public static void main(String[] args) {
        brokers = args[0];
        prefix = args[1];
        try (Admin opened = Admin.create(common())) {
            admin = opened;
            Map<String, Check> checks = new TreeMap<>();
            checks.put("admin-topics", ClientChecks::adminTopics);
            checks.put("admin-offsets", ClientChecks::adminOffsets);
            checks.put("admin-groups", ClientChecks::adminGroups);
            checks.put("admin-transactions", ClientChecks::adminTransactions);
            checks.put("assignors", ClientChecks::assignors);
            checks.put("codecs", ClientChecks::codecs);
            checks.put("cooperative", ClientChecks::cooperative);
            checks.put("idempotent", ClientChecks::idempotent);
            checks.put("limits", ClientChecks::limits);
            checks.put("positions", ClientChecks::positions);
            checks.put("static-members", ClientChecks::staticMembers);
            checks.put("transactional-fencing", ClientChecks::transactionalFencing);
            checks.put("transactional-offsets", ClientChecks::transactionalOffsets);
            checks.put("transactional-visibility", ClientChecks::transactionalVisibility);
            List<String> wanted = Arrays.asList(args).subList(2, args.length);
            checks.forEach((name, check) -> {
                if (!wanted.isEmpty() && !wanted.contains(name)) return;
                long start = System.nanoTime();
                try {
                    check.run();
                    System.out.println("ok " + name + " " + (System.nanoTime() - start) / 1_000_000 + " ms");
                } catch (Throwable t) {
                    System.out.println("failed " + name);
                    t.printStackTrace(System.out);
                }
            });
        }
    }

    // ---- helpers

    private static Properties common() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers);
        properties.put("request.timeout.ms", "20000");
        properties.put("default.api.timeout.ms", "30000");
        return properties;
    }

    private static Properties with(Properties properties, String... pairs) {
        for (int i = 0; i < pairs.length; i += 2) properties.put(pairs[i], pairs[i + 1]);
        return properties;
    }

    private static KafkaProducer<String, String> producer(String... pairs) {
        return new KafkaProducer<>(with(common(), pairs), new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(String... pairs) {
        Properties properties = with(common(), ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "100");
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "300");
        return new KafkaConsumer<>(with(properties, pairs), new StringDeserializer(), new StringDeserializer());
    }

    private static String topic(String name, int partitions, String... configs) throws Exception {
        String topic = prefix + "-" + name;
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < configs.length; i += 2) map.put(configs[i], configs[i + 1]);
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(map))).all().get();
        eventually(() -> {
            equal(partitions, describe(topic).partitions().size());
            // A broker may know a topic before it leads its partitions.
            ends(topic, partitions);
        });
        return topic;
    }

    private static TopicDescription describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
    }

    private static Map<TopicPartition, Long> ends(String topic, int partitions) throws Exception {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (int p = 0; p < partitions; p++) wanted.put(new TopicPartition(topic, p), OffsetSpec.latest());
        Map<TopicPartition, Long> found = new HashMap<>();
        admin.listOffsets(wanted).all().get().forEach((partition, info) -> found.put(partition, info.offset()));
        return found;
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count).mapToObj(p -> new TopicPartition(topic, p)).toList();
    }

    /** All records of all partitions, up to the ends that the isolation level lets see. */
    private static List<ConsumerRecord<String, String>> readAll(String topic, int partitions, String isolation) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer("isolation.level", isolation)) {
            List<TopicPartition> all = partitions(topic, partitions);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            long until = System.nanoTime() + 30_000_000_000L;
            while (all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                if (System.nanoTime() > until) throw new AssertionError("not read to the end: " + ends);
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    private static List<String> values(Collection<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    private static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long until = System.nanoTime() + 30_000_000_000L;
        while (records.size() < count) {
            if (System.nanoTime() > until) throw new AssertionError(records.size() + " of " + count + " records");
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
        return records;
    }

    private static void equal(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError("expected " + expected + " but there is " + actual);
        }
    }

    private static void isTrue(boolean condition, Object message) {
        if (!condition) throw new AssertionError(message);
    }

    private static void eventually(Check check) throws Exception {
        long until = System.nanoTime() + 30_000_000_000L;
        for (;;) {
            try {
                check.run();
                return;
            } catch (AssertionError | ExecutionException e) {
                if (System.nanoTime() > until) throw e;
                Thread.sleep(50);
            }
        }
    }

    private static Throwable fails(Check check, Class<?>... kinds) throws Exception {
        try {
            check.run();
        } catch (Throwable t) {
            for (Throwable cause = t; cause != null; cause = cause.getCause()) {
                for (Class<?> kind : kinds) if (kind.isInstance(cause)) return cause;
            }
            throw new AssertionError("failed in another way than " + Arrays.toString(kinds), t);
        }
        throw new AssertionError("did not fail with " + Arrays.toString(kinds));
    }

    // ---- producers

    private static void idempotent() throws Exception {
        String topic = topic("idempotent", 3);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(
            "enable.idempotence", "true", "acks", "all", "linger.ms", "2", "batch.size", "2000",
            "max.in.flight.requests.per.connection", "5")) {
            for (int i = 0; i < 5_000; i++) {
                ProducerRecord<String, String> record = new ProducerRecord<>(topic, "k" + i % 20, String.valueOf(i));
                record.headers().add(new RecordHeader("n", String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
                sent.add(producer.send(record));
            }
            producer.flush();
        }
        Set<String> places = new HashSet<>();
        for (Future<RecordMetadata> future : sent) places.add(future.get().partition() + "/" + future.get().offset());
        equal(5_000, places.size());
        Map<String, List<Integer>> byKey = new HashMap<>();
        for (ConsumerRecord<String, String> record : readAll(topic, 3, "read_committed")) {
            byKey.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(Integer.valueOf(record.value()));
            equal(record.value(), new String(record.headers().lastHeader("n").value(), StandardCharsets.UTF_8));
        }
        for (int k = 0; k < 20; k++) {
            int key = k;
            equal(IntStream.range(0, 250).map(i -> i * 20 + key).boxed().toList(), byKey.get("k" + k));
        }
    }

    private static void codecs() throws Exception {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = topic("codec-" + codec, 1);
            List<String> expected = new ArrayList<>();
            try (KafkaProducer<String, String> producer = producer("compression.type", codec, "linger.ms", "20")) {
                for (int i = 0; i < 1_000; i++) {
                    expected.add("value " + i + " " + "ä".repeat(i % 70));
                    producer.send(new ProducerRecord<>(topic, null, 1_700_000_000_000L + i, "k" + i, expected.get(i)));
                }
            }
            List<ConsumerRecord<String, String>> records = readAll(topic, 1, "read_committed");
            equal(expected, values(records));
            for (int i = 0; i < 1_000; i++) {
                equal((long) i, records.get(i).offset());
                equal(1_700_000_000_000L + i, records.get(i).timestamp());
            }
        }
        // Repacked by the broker.
        String repacked = topic("codec-repacked", 1, "compression.type", "zstd");
        try (KafkaProducer<String, String> producer = producer("compression.type", "lz4", "linger.ms", "20")) {
            for (int i = 0; i < 500; i++) producer.send(new ProducerRecord<>(repacked, "k" + i, "v" + i));
        }
        equal(IntStream.range(0, 500).mapToObj(i -> "v" + i).toList(), values(readAll(repacked, 1, "read_committed")));
    }

    private static void limits() throws Exception {
        String small = topic("small", 1, "max.message.bytes", "1000");
        String compacted = topic("compacted", 1, "cleanup.policy", "compact");
        try (KafkaProducer<String, String> producer = producer()) {
            fails(() -> producer.send(new ProducerRecord<>(small, "k", "x".repeat(3000))).get(), RecordTooLargeException.class);
            producer.send(new ProducerRecord<>(small, "k", "fits")).get();
            fails(() -> producer.send(new ProducerRecord<>(compacted, null, "no key")).get(), KafkaException.class);
            producer.send(new ProducerRecord<>(compacted, "k", "with key")).get();
        }
        equal(List.of("fits"), values(readAll(small, 1, "read_committed")));
        equal(List.of("with key"), values(readAll(compacted, 1, "read_committed")));
    }

    // ---- transactions

    private static void transactionalVisibility() throws Exception {
        String topic = topic("visibility", 2);
        try (KafkaProducer<String, String> producer = producer("transactional.id", prefix + "-visibility")) {
            producer.initTransactions();
            for (int round = 0; round < 12; round++) {
                producer.beginTransaction();
                for (int p = 0; p < 2; p++) {
                    for (int i = 0; i < 5; i++) {
                        producer.send(new ProducerRecord<>(topic, p, "k", (round % 3 == 2 ? "aborted " : "") + round));
                    }
                }
                if (round % 3 == 2) {
                    if (round % 2 == 0) producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, "k", "open"));
            producer.flush();
            List<String> expected = new ArrayList<>();
            for (int p = 0; p < 2; p++) {
                for (int round = 0; round < 12; round++) {
                    if (round % 3 != 2) expected.addAll(Collections.nCopies(5, String.valueOf(round)));
                }
            }
            List<String> committed = values(readAll(topic, 2, "read_committed"));
            equal(expected.stream().sorted().toList(), committed.stream().sorted().toList());
            List<String> everything = values(readAll(topic, 2, "read_uncommitted"));
            isTrue(everything.contains("open") && everything.contains("aborted 8"), everything);
            try (KafkaConsumer<String, String> stable = consumer("isolation.level", "read_committed");
                KafkaConsumer<String, String> high = consumer()) {
                TopicPartition first = new TopicPartition(topic, 0);
                long lastStable = stable.endOffsets(List.of(first)).get(first);
                equal(lastStable + 1, high.endOffsets(List.of(first)).get(first));
            }
            producer.commitTransaction();
            isTrue(values(readAll(topic, 2, "read_committed")).contains("open"), "the last transaction is not there");
        }
    }

    private static void transactionalFencing() throws Exception {
        String topic = topic("fencing", 1);
        String id = prefix + "-fencing";
        KafkaProducer<String, String> zombie = producer("transactional.id", id);
        zombie.initTransactions();
        zombie.beginTransaction();
        zombie.send(new ProducerRecord<>(topic, "k", "zombie")).get();
        try (KafkaProducer<String, String> heir = producer("transactional.id", id)) {
            heir.initTransactions();
            heir.beginTransaction();
            heir.send(new ProducerRecord<>(topic, "k", "heir")).get();
            fails(
                () -> {
                    zombie.send(new ProducerRecord<>(topic, "k", "zombie again")).get();
                    zombie.commitTransaction();
                },
                ProducerFencedException.class, InvalidProducerEpochException.class);
            fails(zombie::commitTransaction, KafkaException.class);
            heir.commitTransaction();
        }
        zombie.close(Duration.ZERO);
        equal(List.of("heir"), values(readAll(topic, 1, "read_committed")));
    }

    private static void transactionalOffsets() throws Exception {
        String in = topic("tx-in", 2);
        String out = topic("tx-out", 2);
        String group = prefix + "-tx-group";
        try (KafkaProducer<String, String> producer = producer()) {
            for (int i = 0; i < 200; i++) producer.send(new ProducerRecord<>(in, i % 2, "k", String.valueOf(i)));
        }
        int done = 0;
        int turn = 0;
        // Each consumer is closed after a batch that was aborted, so the next one starts from what was committed.
        while (done < 200) {
            turn++;
            try (KafkaConsumer<String, String> consumer = consumer("group.id", group, "max.poll.records", "17");
                KafkaProducer<String, String> producer = producer("transactional.id", group)) {
                producer.initTransactions();
                consumer.subscribe(List.of(in));
                for (int batch = 0; batch < 4 && done < 200; batch++) {
                    List<ConsumerRecord<String, String>> records = poll(consumer, 1);
                    producer.beginTransaction();
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    for (ConsumerRecord<String, String> record : records) {
                        producer.send(new ProducerRecord<>(out, record.partition(), record.key(), record.value()));
                        offsets.put(
                            new TopicPartition(in, record.partition()),
                            new OffsetAndMetadata(record.offset() + 1, "turn " + turn));
                    }
                    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                    if (batch == 3 || (batch == 1 && turn % 2 == 0)) {
                        producer.abortTransaction();
                        break;
                    }
                    producer.commitTransaction();
                    done += records.size();
                }
            }
        }
        isTrue(turn > 2, turn);
        List<ConsumerRecord<String, String>> copied = readAll(out, 2, "read_committed");
        for (int p = 0; p < 2; p++) {
            int partition = p;
            equal(
                IntStream.range(0, 100).mapToObj(i -> String.valueOf(2 * i + partition)).toList(),
                copied.stream().filter(r -> r.partition() == partition).map(ConsumerRecord::value).toList());
        }
        Map<TopicPartition, OffsetAndMetadata> committed =
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        equal(100L, committed.get(new TopicPartition(in, 0)).offset());
        isTrue(committed.get(new TopicPartition(in, 0)).metadata().startsWith("turn "), committed);

        // Offsets of a member that is no longer in the group are refused.
        String fenced = group + "-fenced";
        try (KafkaConsumer<String, String> consumer = consumer("group.id", fenced);
            KafkaProducer<String, String> producer = producer("transactional.id", fenced)) {
            producer.initTransactions();
            consumer.subscribe(List.of(in));
            poll(consumer, 1);
            var stale = consumer.groupMetadata();
            consumer.unsubscribe();
            producer.beginTransaction();
            fails(
                () -> {
                    producer.sendOffsetsToTransaction(
                        Map.of(new TopicPartition(in, 0), new OffsetAndMetadata(5)), stale);
                    producer.commitTransaction();
                },
                CommitFailedException.class);
            producer.abortTransaction();
        }
    }

    // ---- groups

    /** A member of a group that polls in a thread of its own. */
    private static final class Member implements ConsumerRebalanceListener {
        final KafkaConsumer<String, String> consumer;
        final Set<TopicPartition> owned = Collections.synchronizedSet(new HashSet<>());
        final List<Integer> revoked = Collections.synchronizedList(new ArrayList<>());
        final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        volatile Throwable failure;
        volatile int assignments;
        private final Thread thread;
        private volatile boolean isStopped;

        Member(String topic, String... config) {
            consumer = consumer(config);
            thread = new Thread(() -> {
                try {
                    consumer.subscribe(List.of(topic), this);
                    while (!isStopped) {
                        consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
                        commit();
                    }
                } catch (Throwable t) {
                    failure = t;
                } finally {
                    consumer.close();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private void commit() {
            try {
                consumer.commitSync();
            } catch (RebalanceInProgressException e) {
                // A cooperative member keeps its partitions meanwhile, and commits after the next poll.
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit();
            owned.removeAll(partitions);
            if (!partitions.isEmpty()) revoked.add(partitions.size());
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            owned.addAll(partitions);
            assignments++;
        }

        void stop() throws Exception {
            isStopped = true;
            thread.join(20_000);
        }
    }

    private static void send(String topic, int partitions, int from, int to) {
        try (KafkaProducer<String, String> producer = producer()) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, "k", String.valueOf(i)));
            }
        }
    }

    private static void cooperative() throws Exception {
        String topic = topic("cooperative", 6);
        String group = prefix + "-cooperative";
        String[] config = {
            "group.id", group, "partition.assignment.strategy", CooperativeStickyAssignor.class.getName()
        };
        send(topic, 6, 0, 300);
        Member one = new Member(topic, config);
        eventually(() -> equal(300, one.seen.size()));
        Member two = new Member(topic, config);
        eventually(() -> {
            equal(3, one.owned.size());
            equal(3, two.owned.size());
        });
        // Cooperation: the first gave up three partitions and kept the others all the time.
        equal(3, one.revoked.stream().mapToInt(Integer::intValue).sum());
        send(topic, 6, 300, 600);
        eventually(() -> equal(600, one.seen.size() + two.seen.size()));
        ConsumerGroupDescription described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        equal("cooperative-sticky", described.partitionAssignor());
        equal(2, described.members().size());
        one.stop();
        eventually(() -> equal(6, two.owned.size()));
        equal(0, two.revoked.size());
        send(topic, 6, 600, 700);
        eventually(() -> equal(700, one.seen.size() + two.seen.size()));
        two.stop();
        equal(null, one.failure);
        equal(null, two.failure);
        Set<String> all = new HashSet<>(one.seen);
        all.addAll(two.seen);
        equal(700, all.size());
    }

    private static void staticMembers() throws Exception {
        String topic = topic("static", 4);
        String group = prefix + "-static";
        send(topic, 4, 0, 40);
        Member other = new Member(topic, "group.id", group, "group.instance.id", "other");
        eventually(() -> equal(4, other.owned.size()));
        Member first = new Member(topic, "group.id", group, "group.instance.id", "first");
        eventually(() -> {
            equal(2, other.owned.size());
            equal(2, first.owned.size());
        });
        int before = other.assignments;
        Set<TopicPartition> owned = Set.copyOf(first.owned);
        // A static member that comes back within its session gets the same again, and nobody else notices.
        first.stop();
        Member back = new Member(topic, "group.id", group, "group.instance.id", "first");
        eventually(() -> equal(owned, Set.copyOf(back.owned)));
        send(topic, 4, 40, 80);
        eventually(() -> equal(80, other.seen.size() + first.seen.size() + back.seen.size()));
        equal(before, other.assignments);
        // The same name a second time fences the first one that has it.
        Member twin = new Member(topic, "group.id", group, "group.instance.id", "first");
        eventually(() -> isTrue(back.failure instanceof FencedInstanceIdException, back.failure));
        equal(null, other.failure);
        other.stop();
        twin.stop();
        back.stop();
        // An admin ends static members, who did not leave by themselves.
        admin.removeMembersFromConsumerGroup(
            group,
            new RemoveMembersFromConsumerGroupOptions(
                List.of(new MemberToRemove("first"), new MemberToRemove("other")))).all().get();
        eventually(() -> equal(0, admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().size()));
    }

    private static void assignors() throws Exception {
        String topic = topic("assignors", 5);
        send(topic, 5, 0, 50);
        for (Class<?> assignor : List.of(RangeAssignor.class, RoundRobinAssignor.class, StickyAssignor.class)) {
            String[] config = {
                "group.id", prefix + "-" + assignor.getSimpleName(),
                "partition.assignment.strategy", assignor.getName()
            };
            Member one = new Member(topic, config);
            Member two = new Member(topic, config);
            eventually(() -> {
                equal(5, one.owned.size() + two.owned.size());
                isTrue(one.owned.size() >= 2 && two.owned.size() >= 2, one.owned + " " + two.owned);
            });
            eventually(() -> {
                Set<String> all = new HashSet<>(one.seen);
                all.addAll(two.seen);
                equal(50, all.size());
            });
            one.stop();
            two.stop();
            equal(null, one.failure);
            equal(null, two.failure);
        }
    }

    private static void positions() throws Exception {
        String topic = topic("positions", 2);
        TopicPartition zero = new TopicPartition(topic, 0);
        TopicPartition one = new TopicPartition(topic, 1);
        long start = System.currentTimeMillis() - 100_000;
        try (KafkaProducer<String, String> producer = producer()) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>(topic, i % 2, start + i * 10L, "k", String.valueOf(i)));
                if (i % 7 == 0) producer.flush();
            }
        }
        try (KafkaConsumer<String, String> consumer = consumer("group.id", prefix + "-positions")) {
            consumer.assign(List.of(zero, one));
            Map<TopicPartition, OffsetAndTimestamp> found =
                consumer.offsetsForTimes(Map.of(zero, start + 400, one, start + 2_000));
            equal(20L, found.get(zero).offset());
            equal(start + 400, found.get(zero).timestamp());
            equal(null, found.get(one));
            equal(Map.of(zero, 0L, one, 0L), consumer.beginningOffsets(List.of(zero, one)));
            equal(Map.of(zero, 50L, one, 50L), consumer.endOffsets(List.of(zero, one)));
            consumer.seek(zero, 20);
            consumer.pause(List.of(one));
            List<ConsumerRecord<String, String>> records = poll(consumer, 30);
            equal(IntStream.range(20, 50).mapToObj(i -> String.valueOf(2 * i)).toList(), values(records));
            equal(50L, consumer.position(zero));
            consumer.resume(List.of(one));
            equal(IntStream.range(0, 50).mapToObj(i -> String.valueOf(2 * i + 1)).toList(), values(poll(consumer, 50)));
            consumer.seekToEnd(List.of(zero));
            equal(50L, consumer.position(zero));
            consumer.commitSync(Map.of(zero, new OffsetAndMetadata(42, "with a note"), one, new OffsetAndMetadata(7)));
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.of(zero, one));
            equal(42L, committed.get(zero).offset());
            equal("with a note", committed.get(zero).metadata());
            equal(7L, committed.get(one).offset());
            equal(1L, consumer.currentLag(one).isPresent() ? 1L : 0L);
        }
        try (KafkaConsumer<String, String> consumer = consumer("group.id", prefix + "-positions")) {
            consumer.assign(List.of(zero, one));
            equal(51, poll(consumer, 51).size());
        }
    }

    // ---- admin

    private static void adminTopics() throws Exception {
        String topic = topic("admin", 2, "retention.ms", "123456789", "cleanup.policy", "delete");
        fails(
            () -> admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get(),
            TopicExistsException.class);
        fails(
            () -> admin.createTopics(List.of(new NewTopic("no spaces", 1, (short) 1))).all().get(),
            InvalidTopicException.class);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(
            new AlterConfigOp(new ConfigEntry("max.message.bytes", "5000"), AlterConfigOp.OpType.SET),
            new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND),
            new AlterConfigOp(new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE)))).all().get();
        eventually(() -> {
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            equal("5000", config.get("max.message.bytes").value());
            equal(
                Set.of("compact", "delete"), Set.of(config.get("cleanup.policy").value().split(",")));
            equal("604800000", config.get("retention.ms").value());
            equal(true, config.get("retention.ms").isDefault());
            equal(false, config.get("max.message.bytes").isDefault());
            equal(ConfigEntry.ConfigType.INT, config.get("max.message.bytes").type());
        });
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get();
        eventually(() -> equal(4, describe(topic).partitions().size()));
        TopicDescription described = describe(topic);
        equal(1, described.partitions().get(3).isr().size());
        isTrue(admin.listTopics().names().get().contains(topic), "the topic is not listed");
        var cluster = admin.describeCluster();
        equal(1, cluster.nodes().get().size());
        isTrue(!cluster.clusterId().get().isEmpty(), "no cluster id");
        int broker = cluster.nodes().get().iterator().next().id();
        ConfigResource brokerResource = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(broker));
        isTrue(!admin.describeConfigs(List.of(brokerResource)).all().get().get(brokerResource).entries().isEmpty(),
            "no broker configs");
        eventually(() -> isTrue(admin.describeLogDirs(List.of(broker)).allDescriptions().get().get(broker).values().stream()
            .anyMatch(dir -> dir.replicaInfos().containsKey(new TopicPartition(topic, 3))), "no log dir has it"));
        admin.deleteTopics(List.of(topic)).all().get();
        eventually(() -> isTrue(!admin.listTopics().names().get().contains(topic), "still there"));
    }

    private static void adminOffsets() throws Exception {
        String topic = topic("admin-offsets", 1);
        TopicPartition zero = new TopicPartition(topic, 0);
        long start = System.currentTimeMillis() - 100_000;
        try (KafkaProducer<String, String> producer = producer()) {
            for (int i : List.of(0, 1, 9, 3, 4)) {
                producer.send(new ProducerRecord<>(topic, 0, start + i, "k", String.valueOf(i))).get();
            }
        }
        equal(2L, admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(2))).all().isDone() ? 2L
            : admin.listOffsets(Map.of(zero, OffsetSpec.earliest())).all().get().get(zero).offset());
        eventually(() -> equal(2L, admin.listOffsets(Map.of(zero, OffsetSpec.earliest())).all().get().get(zero).offset()));
        equal(5L, admin.listOffsets(Map.of(zero, OffsetSpec.latest())).all().get().get(zero).offset());
        var newest = admin.listOffsets(Map.of(zero, OffsetSpec.maxTimestamp())).all().get().get(zero);
        equal(2L, newest.offset());
        equal(start + 9, newest.timestamp());
        equal(4L, admin.listOffsets(Map.of(zero, OffsetSpec.forTimestamp(start + 10))).all().get().get(zero).offset() == -1
            ? 4L : 0L);
        equal(List.of("9", "3", "4"), values(readAll(topic, 1, "read_committed")));
    }

    private static void adminGroups() throws Exception {
        String topic = topic("admin-groups", 2);
        String group = prefix + "-admin-groups";
        send(topic, 2, 0, 20);
        TopicPartition zero = new TopicPartition(topic, 0);
        TopicPartition one = new TopicPartition(topic, 1);
        Member member = new Member(topic, "group.id", group, "client.id", "somebody");
        eventually(() -> equal(20, member.seen.size()));
        ConsumerGroupDescription described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        equal("somebody", described.members().iterator().next().clientId());
        equal(Set.of(zero, one), described.members().iterator().next().assignment().topicPartitions());
        equal("STABLE", described.state().name());
        fails(() -> admin.deleteConsumerGroups(List.of(group)).all().get(), KafkaException.class);
        fails(
            () -> admin.alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(1))).all().get(),
            KafkaException.class);
        fails(() -> admin.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get(), KafkaException.class);
        member.stop();
        eventually(() -> equal("EMPTY",
            admin.describeConsumerGroups(List.of(group)).all().get().get(group).state().name()));
        admin.alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(3, "moved"))).all().get();
        Map<TopicPartition, OffsetAndMetadata> offsets =
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        equal(3L, offsets.get(zero).offset());
        equal(10L, offsets.get(one).offset());
        admin.deleteConsumerGroupOffsets(group, Set.of(one)).all().get();
        equal(null, admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(one));
        isTrue(admin.listConsumerGroups().all().get().stream().anyMatch(g -> g.groupId().equals(group)), "not listed");
        admin.deleteConsumerGroups(List.of(group)).all().get();
        isTrue(admin.listConsumerGroups().all().get().stream().noneMatch(g -> g.groupId().equals(group)), "listed");
    }

    private static void adminTransactions() throws Exception {
        String topic = topic("admin-transactions", 1);
        TopicPartition zero = new TopicPartition(topic, 0);
        String id = prefix + "-admin-tx";
        KafkaProducer<String, String> producer = producer("transactional.id", id);
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, "k", "fenced by the admin")).get();
        Set<String> listed = admin.listTransactions().all().get().stream()
            .map(listing -> listing.transactionalId()).collect(Collectors.toSet());
        isTrue(listed.contains(id), listed);
        TransactionDescription described =
            admin.describeTransactions(List.of(id)).description(id).get();
        equal(TransactionState.ONGOING, described.state());
        equal(Set.of(zero), described.topicPartitions());
        var active = admin.describeProducers(List.of(zero)).partitionResult(zero).get().activeProducers();
        equal(1, active.size());
        equal(described.producerId(), active.get(0).producerId());
        admin.fenceProducers(List.of(id)).all().get();
        fails(
            () -> {
                producer.send(new ProducerRecord<>(topic, "k", "too late")).get();
                producer.commitTransaction();
            },
            ProducerFencedException.class, InvalidProducerEpochException.class);
        producer.close(Duration.ZERO);
        equal(List.of(), values(readAll(topic, 1, "read_committed")));
    }
}
