package io.counterfoil.accesslog.landing;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The few S3 calls a landing needs, on names below one bucket's prefix. Whatever S3 or the network answers is an
 * {@link IOException} that says what was asked of what. Thread-safe.
 */
final class S3Objects {
    private static final int PRECONDITION_FAILED = 412;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final S3Client client;
    private final String bucket;
    /** Empty, or ending with a slash. */
    private final String prefix;

    S3Objects(S3Client client, String bucket, String prefix) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
    }

    /** The same for whoever reaches the same objects, and for no others: {@code aws bucket/prefix/}, {@code https://host:port bucket/}. */
    String where() {
        String store = client.serviceClientConfiguration()
                .endpointOverride()
                .map(endpoint -> endpoint.toString().toLowerCase(Locale.ROOT).replaceAll("/+$", ""))
                .orElse("aws");
        return store + " " + bucket + "/" + prefix;
    }

    String url(String name) {
        return "s3://" + bucket + "/" + prefix + name;
    }

    /** Creates the object where the name is free; false where it is taken. One request, atomic at the store. */
    boolean create(String name, byte[] bytes, String contentType) throws IOException {
        return call("create", name, () -> {
            try {
                client.putObject(
                        put -> put.bucket(bucket)
                                .key(prefix + name)
                                .ifNoneMatch("*")
                                .contentType(contentType)
                                .contentMD5(md5(bytes)),
                        RequestBody.fromBytes(bytes));
                return true;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return false;
                }
                throw e;
            }
        });
    }

    /** Puts the object in place of whatever is there. One request, atomic at the store. */
    void put(String name, byte[] bytes, String contentType) throws IOException {
        call(
                "put",
                name,
                () -> client.putObject(
                        put -> put.bucket(bucket)
                                .key(prefix + name)
                                .contentType(contentType)
                                .contentMD5(md5(bytes)),
                        RequestBody.fromBytes(bytes)));
    }

    Optional<byte[]> read(String name) throws IOException {
        return call("read", name, () -> {
            try {
                return Optional.of(
                        client.getObjectAsBytes(get -> get.bucket(bucket).key(prefix + name))
                                .asByteArrayUnsafe());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    void delete(String name) throws IOException {
        call(
                "delete",
                name,
                () -> client.deleteObject(delete -> delete.bucket(bucket).key(prefix + name)));
    }

    /** The names in a folder, without it, that come after one of them. */
    List<String> names(String folder, String after) throws IOException {
        List<String> names = new ArrayList<>();
        for (ListObjectsV2Response page : list(folder, after)) {
            for (S3Object object : page.contents()) {
                names.add(object.key().substring(prefix.length() + folder.length()));
            }
        }
        return names;
    }

    /** The folders in a folder, without it and without a slash. */
    List<String> folders(String folder) throws IOException {
        List<String> folders = new ArrayList<>();
        for (ListObjectsV2Response page : list(folder, "")) {
            for (CommonPrefix below : page.commonPrefixes()) {
                String name = below.prefix().substring(prefix.length() + folder.length());
                folders.add(name.substring(0, name.length() - 1));
            }
        }
        return folders;
    }

    private List<ListObjectsV2Response> list(String folder, String after) throws IOException {
        return call("list", folder, () -> {
            List<ListObjectsV2Response> pages = new ArrayList<>();
            String token = null;
            do {
                ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                        .bucket(bucket)
                        .prefix(prefix + folder)
                        .delimiter("/");
                if (token != null) {
                    request.continuationToken(token);
                } else if (!after.isEmpty()) {
                    // Never both: not every store takes the one with the other, as the SDK's paginator sends them.
                    request.startAfter(prefix + folder + after);
                }
                ListObjectsV2Response page = client.listObjectsV2(request.build());
                pages.add(page);
                token = page.nextContinuationToken();
            } while (token != null);
            return pages;
        });
    }

    private <T> T call(String what, String name, Supplier<T> request) throws IOException {
        try {
            return request.get();
        } catch (S3Exception e) {
            throw new IOException("cannot " + what + " " + url(name) + ": " + advice(e), e);
        } catch (SdkException e) {
            throw new IOException("cannot " + what + " " + url(name) + ": " + e.getMessage(), e);
        }
    }

    private String advice(S3Exception e) {
        String code =
                e.awsErrorDetails() == null ? "" : " " + e.awsErrorDetails().errorCode();
        String answer = "the store answers " + e.statusCode() + code;
        if (e.statusCode() == FORBIDDEN) {
            return answer
                    + "; check the credentials, and that an edge may get and put, readers get and list, imports delete too, in bucket "
                    + bucket;
        }
        if (e.statusCode() == NOT_FOUND) {
            return answer + "; does bucket " + bucket + " exist, and in this region?";
        }
        return answer;
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
