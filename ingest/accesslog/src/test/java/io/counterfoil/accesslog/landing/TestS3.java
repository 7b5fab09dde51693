package io.counterfoil.accesslog.landing;

import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

import java.net.URI;
import java.util.Map;

/**
 * S3Proxy over this process's memory: a real S3 protocol over a real socket, which can go away and come back. Its names are flat, as
 * S3's are; over a folder, a prefix would be listed as an object.
 */
final class TestS3 implements AutoCloseable {
    static final String BUCKET = "landing";
    private static final String ID = "test-id";
    private static final String SECRET = "test-secret-that-no-log-may-hold";

    private final BlobStoreContext context;
    private S3Proxy proxy;
    private int port;

    TestS3() throws Exception {
        context = ContextBuilder.newBuilder(new TransientApiMetadata())
                .credentials(ID, SECRET)
                .build(BlobStoreContext.class);
        context.getBlobStore().createContainerInLocation(null, BUCKET);
        start();
    }

    /** What the store holds, past the protocol. */
    BlobStore store() {
        return context.getBlobStore();
    }

    void start() throws Exception {
        proxy = S3Proxy.builder()
                .blobStore(context.getBlobStore())
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ID, SECRET)
                .build();
        proxy.start();
        port = proxy.getPort();
    }

    /** From now on connections are refused. */
    void stop() throws Exception {
        proxy.stop();
    }

    Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + port,
                "AWS_ACCESS_KEY_ID", ID,
                "AWS_SECRET_ACCESS_KEY", SECRET);
    }

    Landing landing() {
        return LandingAddress.parse("s3://" + BUCKET + "/some/prefix").open(environment());
    }

    @Override
    public void close() throws Exception {
        proxy.stop();
        context.close();
    }
}
