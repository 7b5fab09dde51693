package io.counterfoil.jobs.rating;

/** Which version of which plan. */
public record PlanRef(String plan, int version) {
    /** For people: {@code starter v2}. */
    public String text() {
        return plan + " v" + version;
    }
}
