package io.counterfoil.jobs.rollup;

import java.io.Serializable;

/** What decides which task stages a row: a usage row's key, or the segment whose verdict it is. */
sealed interface StagingKey extends Serializable permits UsageKey, VerdictKey {}
