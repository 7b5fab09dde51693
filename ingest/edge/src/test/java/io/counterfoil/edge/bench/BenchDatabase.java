package io.counterfoil.edge.bench;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.KeyStore.NewKey;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The database of a bench: an embedded PostgreSQL with one account whose keys are {@code k1}, {@code k2}, …, each on a plan with a
 * limit that is never reached. Arguments: how many keys, and the file that takes the JDBC URL once they are there. Ends with its
 * standard input.
 */
public final class BenchDatabase {
    private BenchDatabase() {}

    public static void main(String[] args) throws IOException {
        TestDatabase database = TestDatabase.fresh();
        Instant now = Instant.now();
        long account = new AccountStore(database.jdbi()).create("bench", Optional.empty(), now);
        Optional<Long> plan = Optional.of(new PlanStore(database.jdbi())
                .create("bench", List.of(UsageLimit.parse("1000000000000/hour", "refuse")), now));
        new KeyStore(database.jdbi())
                .create(
                        IntStream.rangeClosed(1, Integer.parseInt(args[0]))
                                .mapToObj(i -> "k" + i)
                                .map(key -> new NewKey(account, plan, key, Optional.of(KeyStore.hash(key)), "bench"))
                                .toList(),
                        now);
        Path whole = Files.writeString(Path.of(args[1] + ".new"), database.jdbcUrl() + "\n");
        Files.move(whole, Path.of(args[1]), StandardCopyOption.ATOMIC_MOVE);
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
