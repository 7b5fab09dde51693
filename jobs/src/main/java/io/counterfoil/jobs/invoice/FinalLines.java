package io.counterfoil.jobs.invoice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.rating.BilledUsage;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.Ratio;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.TierPart;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.InvoiceLine.Billed;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** Reads what {@link LineDetail} wrote. */
public final class FinalLines {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FinalLines() {}

    /** An hour of an earlier invoice, and what was counted in it after all that was invoiced for it. */
    public record AddedHour(String hour, String requests, String units, String bytesOut) {}

    /**
     * A line as it was rated; without its place.
     *
     * @throws OperatorException category CORRUPT where its detail cannot be read
     */
    public static RatedLine rated(FinalLine line) {
        JsonNode detail = detail(line.stored().detail());
        try {
            BigDecimal amount = line.stored().amount();
            List<TierPart> parts =
                    detail.path("parts").valueStream().map(FinalLines::part).toList();
            return new RatedLine(
                    RatedLine.Kind.named(line.stored().kind()).orElseThrow(),
                    line.stored().name(),
                    line.plan().map(plan -> new PlanRef(plan.name(), plan.version())),
                    Optional.empty(),
                    line.stored().billed().map(billed -> usage(detail, billed)),
                    parts,
                    detail.has("exact") ? Ratio.parse(detail.path("exact").asText()) : Ratio.of(amount),
                    amount);
        } catch (RuntimeException e) {
            throw unreadable(line.stored().detail(), e);
        }
    }

    /** Of an adjustment: which hours it cites. */
    public static List<AddedHour> added(FinalLine line) {
        return detail(line.stored().detail())
                .path("added")
                .valueStream()
                .map(hour -> new AddedHour(
                        hour.path("hour").asText(),
                        hour.path("requests").asText(),
                        hour.path("units").asText(),
                        hour.path("bytes_out").asText()))
                .toList();
    }

    private static BilledUsage usage(JsonNode detail, Billed billed) {
        Routes routes = new Routes(texts(detail.path("routes")), texts(detail.path("except_routes")));
        Meter meter = new Meter(
                Measure.named(billed.measure()).orElseThrow(),
                new BigDecimal(detail.path("per").asText()),
                routes,
                new BigDecimal(detail.path("included").asText()));
        return new BilledUsage(
                meter,
                billed.quantity(),
                new BigDecimal(detail.path("before").asText()),
                Ratio.parse(detail.path("billed").asText()));
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    private static TierPart part(JsonNode part) {
        return new TierPart(
                new BigDecimal(part.path("from").asText()),
                part.has("to") ? Optional.of(new BigDecimal(part.path("to").asText())) : Optional.empty(),
                Ratio.parse(part.path("quantity").asText()),
                Price.parse(part.path("price").asText()),
                part.has("fee") ? Price.parse(part.path("fee").asText()) : Price.ZERO);
    }

    /** Any JSON object of an invoice. */
    public static JsonNode detail(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw unreadable(json, e);
        }
    }

    private static OperatorException unreadable(String detail, Exception e) {
        return OperatorException.corrupt("a final invoice's detail cannot be read: " + e.getMessage()
                + "; expected what 'counterfoil invoice finalise' wrote; was it written by a newer release? It is: "
                + detail);
    }
}
