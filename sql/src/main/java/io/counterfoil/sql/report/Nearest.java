package io.counterfoil.sql.report;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Which name was meant by a mistyped one. */
final class Nearest {
    private Nearest() {}

    /** The one with the fewest letters put in, left out or changed; none where more than a third of the letters are. */
    static Optional<String> of(String given, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt((String name) -> distance(given, name))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(name -> distance(given, name) * 3 <= Math.max(given.length(), name.length()));
    }

    /** Levenshtein's, row by row. */
    private static int distance(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[to.length()];
    }
}
