package io.counterfoil.jobs.push;

import io.counterfoil.sql.push.OverLimit;

import java.util.List;

/** Writes flags down for a kind of edge. Pure: the same flags give the same texts. */
interface FlagFormat {
    /** Every document that there is to be, also one that names nobody. */
    List<FlagText> of(List<OverLimit> limits);
}
