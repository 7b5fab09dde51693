package io.counterfoil.accesslog.landing;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a landing is: a folder, or {@code s3://bucket} with or without a prefix. */
public final class LandingAddress {
    private static final Pattern S3 = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9!_.'()*=/-]*");

    private final String text;
    private final Optional<Path> folder;
    private final String bucket;
    private final String prefix;

    private LandingAddress(String text, Optional<Path> folder, String bucket, String prefix) {
        this.text = text;
        this.folder = folder;
        this.bucket = bucket;
        this.prefix = prefix;
    }

    /** @throws IllegalArgumentException where the text is neither; the message says what was expected */
    public static LandingAddress parse(String text) {
        Matcher s3 = S3.matcher(text);
        if (s3.matches()) {
            String prefix = s3.group(2) == null ? "" : s3.group(2);
            while (prefix.endsWith("/")) {
                prefix = prefix.substring(0, prefix.length() - 1);
            }
            if (!PREFIX.matcher(prefix).matches() || prefix.startsWith("/") || prefix.contains("//")) {
                throw new IllegalArgumentException("landing is '" + text
                        + "', expected a prefix of letters, digits and !_.'()*=- between slashes");
            }
            return new LandingAddress(text, Optional.empty(), s3.group(1), prefix.isEmpty() ? "" : prefix + "/");
        }
        if (text.isBlank() || SCHEME.matcher(text).matches()) {
            throw new IllegalArgumentException("landing is '" + text + "', expected a folder or s3://bucket/prefix");
        }
        try {
            return new LandingAddress(text, Optional.of(Path.of(text)), "", "");
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("landing is '" + text + "', which is no folder's name", e);
        }
    }

    /** The folder, where it is one. */
    public Optional<Path> folder() {
        return folder;
    }

    /**
     * Opens it with the process's environment; nothing is asked of it yet.
     *
     * @throws IllegalArgumentException where a setting for S3 is missing or wrong, or the AWS SDK is not on the class path
     */
    public Landing open() {
        return open(System.getenv());
    }

    /** As {@link #open()}; {@link S3Settings} says which variables count. */
    public Landing open(Map<String, String> environment) {
        if (folder.isPresent()) {
            return new FolderLanding(folder.get());
        }
        try {
            return new S3Landing(new S3Settings(environment).client(), bucket, prefix);
        } catch (NoClassDefFoundError e) {
            throw new IllegalArgumentException(
                    "landing " + text
                            + " needs the AWS SDK (software.amazon.awssdk: s3, url-connection-client), which is"
                            + " not on the class path",
                    e);
        }
    }

    /** The objects below it; empty where it is a folder. */
    Optional<S3Objects> objects(Map<String, String> environment) {
        return folder.isPresent()
                ? Optional.empty()
                : Optional.of(new S3Objects(new S3Settings(environment).client(), bucket, prefix));
    }

    /** As it was given. */
    @Override
    public String toString() {
        return text;
    }
}
