package io.counterfoil.jobs.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the Workers KV API answered: a value as it is, all else as {@code {"success":…,"errors":[{"code":…,"message":…}],"result":…}}.
 *
 * @param retryAfter how long to wait before the next request
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record KvAnswer(int status, byte[] body, Optional<Duration> retryAfter) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int AUTHENTICATION = 10_000;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int MAX_FAILURE_BYTES = 1 << 20;
    private static final int MAX_TOLD = 300;

    boolean isAccepted() {
        return status >= 200 && status < 300 && !isFailure();
    }

    /** Whether a person has to mend something: asking again does not help. */
    boolean isRefused() {
        if (status >= 200 && status < 300) {
            return hasError(AUTHENTICATION);
        }
        return status >= 400 && status < 500 && status != TIMEOUT && status != TOO_MANY;
    }

    /** What was asked for is not there. Where that is the whole namespace, the next write finds out. */
    boolean isMissing() {
        return status == NOT_FOUND;
    }

    /** Whether it says, with whatever status, that nothing came of it. What is large is a value, or a list of keys. */
    private boolean isFailure() {
        if (body.length > MAX_FAILURE_BYTES) {
            return false;
        }
        JsonNode success = json().path("success");
        return success.isBoolean() && !success.booleanValue();
    }

    private boolean hasError(int code) {
        for (JsonNode error : json().path("errors")) {
            if (error.path("code").asInt() == code) {
                return true;
            }
        }
        return false;
    }

    private JsonNode json() {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            // Whatever stands in front of the API answers with pages.
            return JSON.createObjectNode();
        }
    }

    /** Of a bulk request that was accepted: keys that are to be sent again; of an older API, none. */
    List<String> unsuccessfulKeys() {
        List<String> keys = new ArrayList<>();
        json().path("result").path("unsuccessful_keys").forEach(key -> keys.add(key.asText()));
        return keys;
    }

    /** The status with what the API says of it, without what is no text for a terminal, and without the token. */
    String told(KvSettings settings) {
        StringBuilder text = new StringBuilder().append(status);
        for (JsonNode error : json().path("errors")) {
            text.append(" (")
                    .append(error.path("code").asText())
                    .append(' ')
                    .append(error.path("message").asText())
                    .append(')');
        }
        String clean = text.toString().replace(settings.token(), "***").replaceAll("\\p{Cntrl}", " ");
        return clean.substring(0, Math.min(clean.length(), MAX_TOLD));
    }

    /** What the operator has to mend. */
    OperatorException refused(KvSettings settings, String path) {
        String answers = "Workers KV at " + settings.api() + " answers " + told(settings);
        if (status == UNAUTHORIZED || status == FORBIDDEN || hasError(AUTHENTICATION)) {
            return OperatorException.input(answers + ": " + KvSettings.TOKEN_VARIABLE + " is no token that may write to"
                    + " namespace " + settings.namespace() + " of account " + settings.account()
                    + "; make one with the permission 'Workers KV Storage: Edit' of that account");
        }
        if (status == NOT_FOUND) {
            return OperatorException.input(answers + ": expected namespace " + settings.namespace() + " in account "
                    + settings.account() + "; check --kv-account, --kv-namespace and --kv-api");
        }
        return OperatorException.input(
                answers + " to " + path + "; expected success: check --kv-account, --kv-namespace and --kv-api");
    }
}
