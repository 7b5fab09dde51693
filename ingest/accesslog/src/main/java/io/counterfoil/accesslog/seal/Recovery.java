package io.counterfoil.accesslog.seal;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was found when a segment was sealed by a later process than the one that wrote it.
 *
 * @param cutBytes how many bytes behind the last whole record were dropped: an append that the death interrupted
 * @param loss {@code none} where only the process died; {@code since T} where the machine did, T the time of the last force
 * @param forcedLost records that had been forced to the disk and are not there: the disk did not keep its word. 0 is the rule
 */
public record Recovery(long cutBytes, String loss, long forcedLost) {
    private static final Pattern SINCE = Pattern.compile("since (.+)");

    /** @throws IllegalArgumentException where the loss is none of these */
    public Recovery {
        Matcher since = SINCE.matcher(loss);
        boolean fine = loss.equals("none") || loss.equals("since the start");
        if (!fine && since.matches()) {
            try {
                Instant.parse(since.group(1));
                fine = true;
            } catch (DateTimeParseException e) {
                // Told below.
            }
        }
        if (!fine) {
            throw new IllegalArgumentException(
                    "loss is '" + loss + "', expected none, since the start, or since and a time in UTC");
        }
    }
}
