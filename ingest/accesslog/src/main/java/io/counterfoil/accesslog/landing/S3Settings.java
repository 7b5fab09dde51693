package io.counterfoil.accesslog.landing;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How S3 is reached, from the environment; the AWS SDK's own variables where it has one:
 *
 * <pre>
 * AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL         of a store that is not AWS
 * AWS_REGION, AWS_DEFAULT_REGION                else the profile's, else the instance's; us-east-1 with an endpoint
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN                             else the SDK's chain: profile, container, instance
 * COUNTERFOIL_S3_PATH_STYLE                     true or false; true by default with an endpoint
 * </pre>
 */
final class S3Settings {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(15);
    /** With the SDK's retries; afterwards the shipper tries again in a second. */
    private static final Duration CALL = Duration.ofSeconds(40);

    private final Map<String, String> environment;

    S3Settings(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** @throws IllegalArgumentException where a setting is wrong; the message names it and never holds a secret */
    S3Client client() {
        Optional<URI> endpoint = setting("AWS_ENDPOINT_URL_S3")
                .or(() -> setting("AWS_ENDPOINT_URL"))
                .map(S3Settings::endpoint);
        S3ClientBuilder builder = S3Client.builder()
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(ANSWER)
                        .build())
                .credentialsProvider(credentials())
                .forcePathStyle(pathStyle(endpoint.isPresent()))
                .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
                // Content-MD5 is sent instead, and every segment carries its SHA-256: what S3-compatible stores
                // understand.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(
                        override -> override.apiCallAttemptTimeout(ANSWER).apiCallTimeout(CALL));
        endpoint.ifPresent(builder::endpointOverride);
        setting("AWS_REGION")
                .or(() -> setting("AWS_DEFAULT_REGION"))
                .or(() -> endpoint.map(uri -> "us-east-1"))
                .ifPresent(region -> builder.region(Region.of(region)));
        try {
            return builder.build();
        } catch (SdkClientException e) {
            throw new IllegalArgumentException(
                    "S3 settings are not complete: " + e.getMessage()
                            + "; set AWS_REGION, and AWS_ENDPOINT_URL_S3 for a store that is not AWS",
                    e);
        }
    }

    private static URI endpoint(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            // Without its value, which may hold a password, and so without the cause, which quotes it.
            throw new IllegalArgumentException(
                    "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is no URL, expected http(s)://host:port");
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is not http(s)://host:port, without user or password");
        }
        return uri;
    }

    private AwsCredentialsProvider credentials() {
        Optional<String> id = setting("AWS_ACCESS_KEY_ID");
        Optional<String> secret = setting("AWS_SECRET_ACCESS_KEY");
        if (id.isPresent() != secret.isPresent()) {
            throw new IllegalArgumentException(
                    "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both, or none to use the profile"
                            + " or the instance's role");
        }
        if (id.isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        AwsCredentials given = setting("AWS_SESSION_TOKEN")
                .map(token -> (AwsCredentials) AwsSessionCredentials.create(id.get(), secret.get(), token))
                .orElseGet(() -> AwsBasicCredentials.create(id.get(), secret.get()));
        return StaticCredentialsProvider.create(given);
    }

    private boolean pathStyle(boolean byDefault) {
        Optional<String> value = setting("COUNTERFOIL_S3_PATH_STYLE");
        if (value.isPresent() && !value.get().equals("true") && !value.get().equals("false")) {
            throw new IllegalArgumentException(
                    "COUNTERFOIL_S3_PATH_STYLE is '" + value.get() + "', expected true or false");
        }
        return value.map("true"::equals).orElse(byDefault);
    }

    private Optional<String> setting(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }
}
