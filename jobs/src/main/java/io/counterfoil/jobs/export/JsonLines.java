package io.counterfoil.jobs.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Rows of usage as JSON, an object a line. An account that has no external id has null there. */
final class JsonLines {
    private JsonLines() {}

    /** @param out stays open */
    static void write(InputStream csv, OutputStream out) throws IOException {
        UsageColumn[] columns = UsageColumn.values();
        try (JsonGenerator json =
                JsonFactory.builder().build().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
            UsageRows.read(csv, row -> {
                json.writeStartObject();
                for (int i = 0; i < columns.length; i++) {
                    UsageColumn column = columns[i];
                    String value = row.get(i);
                    if (column.number()) {
                        json.writeNumberField(column.text(), Long.parseLong(value));
                    } else if (column == UsageColumn.ACCOUNT_EXTERNAL_ID && value.isEmpty()) {
                        json.writeNullField(column.text());
                    } else {
                        json.writeStringField(column.text(), value);
                    }
                }
                json.writeEndObject();
            });
            if (json.getOutputContext().getEntryCount() > 0) {
                json.writeRaw('\n');
            }
        }
    }
}
