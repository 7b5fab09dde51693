package io.counterfoil.accesslog.landing;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Small objects below {@code s3://bucket/prefix} that are replaced as they change; a reader sees one or the other, whole. Reached as a
 * landing on S3 is. Thread-safe.
 */
public final class S3Documents {
    private static final String EXPECTED = "expected s3://bucket or s3://bucket/prefix";

    private final S3Objects objects;

    private S3Documents(S3Objects objects) {
        this.objects = objects;
    }

    /**
     * Asks nothing of the store yet.
     *
     * @param environment as {@link S3Settings} reads it
     * @throws IllegalArgumentException where the address is none, a setting is wrong, or the AWS SDK is not on the class path
     */
    public static S3Documents open(String address, Map<String, String> environment) {
        if (!address.startsWith("s3://")) {
            throw new IllegalArgumentException("address is '" + address + "', " + EXPECTED);
        }
        try {
            return new S3Documents(
                    LandingAddress.parse(address).objects(environment).orElseThrow());
        } catch (NoClassDefFoundError e) {
            throw new IllegalArgumentException(
                    address
                            + " needs the AWS SDK (software.amazon.awssdk: s3, url-connection-client), which is not on the"
                            + " class path",
                    e);
        }
    }

    /** Store, bucket and prefix: the same for whoever reaches the same objects, and for no others. Holds no secret. */
    public String where() {
        return objects.where();
    }

    /** @throws IOException where the store cannot be reached or refuses; it says what was asked of what */
    public void put(String name, byte[] bytes, String contentType) throws IOException {
        objects.put(name, bytes, contentType);
    }

    /** Empty where there is none; otherwise as {@link #put}. */
    public Optional<byte[]> read(String name) throws IOException {
        return objects.read(name);
    }
}
