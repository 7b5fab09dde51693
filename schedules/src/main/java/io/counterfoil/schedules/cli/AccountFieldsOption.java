package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.plans.BillingZone;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountField;
import picocli.CommandLine.Option;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What invoices say of an account. What is left out stays; an empty text takes it away. */
final class AccountFieldsOption {
    @Option(names = "--external-id", paramLabel = "ID", description = "The account's id in your own systems.")
    private String externalId;

    @Option(names = "--legal-name", paramLabel = "TEXT", description = "Who is billed, as the invoice says it.")
    private String legalName;

    @Option(names = "--address", paramLabel = "TEXT", description = "Of the invoice, in lines.")
    private String address;

    @Option(names = "--tax-id", paramLabel = "TEXT", description = "Theirs, as a VAT number.")
    private String taxId;

    @Option(names = "--billing-email", paramLabel = "ADDRESS", description = "Where invoices go to.")
    private String billingEmail;

    @Option(
            names = "--time-zone",
            paramLabel = "ZONE",
            description =
                    "In which its billing periods begin, as Europe/Berlin: one whose offsets are whole hours. Stays once there is a"
                            + " final invoice.")
    private String timeZone;

    @Option(names = "--tax-name", paramLabel = "TEXT", description = "Of its tax line, as VAT; with --tax-percent.")
    private String taxName;

    @Option(names = "--tax-percent", paramLabel = "PERCENT", description = "As 19 or 7.5; with --tax-name.")
    private String taxPercent;

    /** @throws OperatorException category INPUT where nothing is given, or the time zone is none that can be billed */
    Map<AccountField, Optional<String>> values() {
        Map<AccountField, Optional<String>> values = new EnumMap<>(AccountField.class);
        put(values, AccountField.EXTERNAL_ID, externalId);
        put(values, AccountField.LEGAL_NAME, legalName);
        put(values, AccountField.ADDRESS, address);
        put(values, AccountField.TAX_ID, taxId);
        put(values, AccountField.BILLING_EMAIL, billingEmail);
        put(values, AccountField.TIME_ZONE, timeZone);
        put(values, AccountField.TAX_NAME, taxName);
        put(values, AccountField.TAX_PERCENT, taxPercent);
        if (values.isEmpty()) {
            throw OperatorException.input(
                    "nothing is to be changed, expected one option or more, as --legal-name TEXT");
        }
        values.getOrDefault(AccountField.TIME_ZONE, Optional.empty()).ifPresent(BillingZone::named);
        return values;
    }

    private static void put(Map<AccountField, Optional<String>> values, AccountField field, String given) {
        if (given != null) {
            values.put(field, Optional.of(given).filter(text -> !text.isEmpty()));
        }
    }
}
