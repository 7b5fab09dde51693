package io.counterfoil.jobs.export;

import io.counterfoil.sql.OperatorException;

/** How rows of usage are written. */
public enum ExportFormat {
    /** With a header, texts safe for spreadsheets ({@link SpreadsheetText}), lines ended by a newline. */
    CSV,
    /** An object a line; texts as they are, numbers as numbers: above 2^53 too, which is the reader's to keep exact. */
    JSONL,
    /** Zstd, texts as they are, hours as UTC timestamps in microseconds. */
    PARQUET;

    /** @throws OperatorException category INPUT where there is no such format */
    public static ExportFormat named(String name) {
        return switch (name) {
            case "csv" -> CSV;
            case "jsonl" -> JSONL;
            case "parquet" -> PARQUET;
            default -> throw OperatorException.input("--format is '" + name + "', expected csv, parquet or jsonl");
        };
    }

    /** As it is typed. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** What the texts of the rows are made safe by; empty: they stay as they are. */
    String formula() {
        return this == CSV ? SpreadsheetText.FORMULA : "";
    }
}
