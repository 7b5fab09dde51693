package io.counterfoil.schedules.cli;

import io.counterfoil.sql.limits.UsageLimit;
import picocli.CommandLine.Option;

import java.util.List;
import java.util.stream.Collectors;

/** A limit as people write it; repeatable as a group. */
final class LimitOption {
    @Option(
            names = "--limit",
            required = true,
            paramLabel = "N/WINDOW",
            description = {
                "As 1000/hour, 500units/day or 50GiB/period (bytes handed over; the period is the UTC month). Repeatable, each with its"
                        + " own --over and --per."
            })
    private String limit;

    @Option(
            names = "--over",
            defaultValue = "refuse",
            paramLabel = "ACTION",
            description = "What happens over the limit: refuse, warn or notify. Default: refuse.")
    private String action;

    @Option(
            names = "--per",
            defaultValue = "key",
            paramLabel = "SCOPE",
            description =
                    "key: each key for itself; account: all of an account's keys on the plan together. Default: key.")
    private String scope;

    static List<UsageLimit> read(List<LimitOption> options) {
        return options.stream()
                .map(each -> UsageLimit.parse(each.limit, each.action, each.scope))
                .toList();
    }

    /** For people. */
    static String text(List<UsageLimit> limits) {
        return limits.stream()
                .map(limit -> limit.text() + " per " + limit.scope() + ", then " + limit.action())
                .collect(Collectors.joining("; "));
    }
}
