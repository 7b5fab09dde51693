package io.counterfoil.accesslog.landing;

/**
 * S3Proxy as a process of its own, for other modules' tests: its libraries are others than Spark's. Prints the variables that a client
 * needs, then an empty line; ends when its input does.
 */
final class S3ProxyMain {
    private S3ProxyMain() {}

    public static void main(String[] arguments) throws Exception {
        try (TestS3 s3 = new TestS3()) {
            s3.environment().forEach((name, value) -> System.out.println(name + "=" + value));
            System.out.println();
            while (System.in.read() >= 0) {
                // Nobody says anything; the end is what counts.
            }
        }
        System.exit(0);
    }
}
