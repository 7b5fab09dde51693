package io.counterfoil.schedules.cli;

import java.util.List;

/** A table for people: columns two blanks apart, each as wide as its widest cell. */
final class AlignedText {
    private AlignedText() {}

    /**
     * Its lines, without blanks at their ends.
     *
     * @param rows each with as many cells as there are columns, the head first
     * @param left which columns are texts; numbers stand at the right
     */
    static List<String> of(List<List<String>> rows, List<Boolean> left) {
        int[] widths = new int[left.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream()
                .map(row -> {
                    StringBuilder line = new StringBuilder();
                    for (int i = 0; i < widths.length; i++) {
                        String blanks = " ".repeat(widths[i] - row.get(i).length());
                        line.append(left.get(i) ? row.get(i) + blanks : blanks + row.get(i))
                                .append("  ");
                    }
                    return line.toString().stripTrailing();
                })
                .toList();
    }
}
