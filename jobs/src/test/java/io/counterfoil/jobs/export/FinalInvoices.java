package io.counterfoil.jobs.export;

import org.jdbi.v3.core.Jdbi;

/** Final invoices, put where InvoiceJob puts them. */
final class FinalInvoices {
    private FinalInvoices() {}

    /** An invoice and a credit of it, of an account whose every text is the one given, and an invoice of the next month. */
    static void insert(Jdbi jdbi, String text) {
        jdbi.useTransaction(handle -> {
            handle.execute("insert into account (name, created_at) values ('Acme', now())");
            handle.execute(
                    "insert into plan (name, version, definition, currency, created_at) values ('pro', 3, '{}', 'EUR', now())");
            for (int number = 1; number <= 3; number++) {
                handle.execute(
                        "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to, currency,"
                                + " net, tax, total, lines, merge_no, finalised_at, actor, reason, incomplete_hours, credits, seller, buyer)"
                                + " select ?, case ? when 2 then 'credit' else 'invoice' end, account_id, 'monthly', 1, f, t, 'EUR',"
                                + " n, x, n + x, l, 7, '2026-11-01T02:03:04Z', ?, ?, case ? when 1 then 5 else 0 end,"
                                + " case ? when 2 then 1 end,"
                                + " jsonb_build_object('name', 'Seller & Sons', 'address', E'Street 1\\nBerlin', 'tax_id', 'DE1',"
                                + " 'email', 'billing@seller.example'),"
                                + " jsonb_build_object('name', ?, 'external_id', ?, 'legal_name', ?, 'address', ?, 'tax_id', ?,"
                                + " 'billing_email', ?, 'time_zone', 'Europe/Berlin')"
                                + " from account, (values (1, '2026-09-30T22:00:00Z'::timestamptz, '2026-10-31T23:00:00Z'::timestamptz,"
                                + " 1234.50, 234.56, 6), (2, '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z', -10.00, -1.90, 2),"
                                + " (3, '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z', 0.00, 0.00, 0)) v (i, f, t, n, x, l)"
                                + " where i = ?",
                        number,
                        number,
                        text,
                        text,
                        number,
                        number,
                        text,
                        text,
                        text,
                        text,
                        text,
                        text,
                        number);
            }
            line(handle, 1, 1, "charge", text, 1L, "requests", "9007199254740993", null, "1234.00");
            line(handle, 1, 2, "charge", "base fee", 1L, null, null, null, "10.00");
            line(handle, 1, 3, "discount", "discount 10 %", 1L, null, null, null, "-12.50");
            line(handle, 1, 4, "minimum", "minimum commitment", 1L, null, null, null, "2.00");
            line(handle, 1, 5, "adjustment", "adjustment", null, null, null, 1L, "1.00");
            line(handle, 1, 6, "tax", "VAT 19 %", null, null, null, null, "234.56");
            line(handle, 2, 1, "credit", text, null, null, null, null, "-10.00");
            line(handle, 2, 2, "tax", "VAT 19 %", null, null, null, null, "-1.90");
        });
    }

    private static void line(
            org.jdbi.v3.core.Handle handle,
            long number,
            int line,
            String kind,
            String name,
            Long plan,
            String measure,
            String quantity,
            Long adjusts,
            String amount) {
        String detail = measure != null
                ? "{\"per\":\"1000\",\"included\":\"5000\",\"before\":\"0\",\"billed\":\"9007199254735.993\",\"parts\":["
                        + "{\"from\":\"0\",\"to\":\"10000\",\"quantity\":\"10000\",\"price\":\"0.01\",\"amount\":\"100\"},"
                        + "{\"from\":\"10000\",\"quantity\":\"1/3\",\"price\":\"0.005\",\"fee\":\"3\",\"amount\":\"1134\"}],"
                        + "\"exact\":\"1234\",\"key\":\"<k>\"}"
                : kind.equals("adjustment")
                        ? "{\"invoice\":1,\"rated\":\"1235.50\",\"invoiced\":\"1234.50\",\"added\":[{\"hour\":\"2026-10-05T05:00:00Z\"}]}"
                        : "{}";
        handle.execute(
                "insert into invoice_line (number, line, kind, name, plan_id, since, until, measure, quantity, adjusts, detail, amount)"
                        + " values (?, ?, ?, ?, ?, '2026-10-09T22:00:00Z', '2026-10-31T23:00:00Z', ?, ?::numeric, ?, ?::jsonb, ?::numeric)",
                number,
                line,
                kind,
                name,
                plan,
                measure,
                quantity,
                adjusts,
                detail,
                amount);
    }
}
