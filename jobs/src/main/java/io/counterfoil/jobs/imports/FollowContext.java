package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;

import java.util.function.Consumer;

/**
 * What all files of a followed log share.
 *
 * @param say told what an operator wants to know, a line a change
 */
record FollowContext(
        FolderLanding landing, ImportSettings settings, KeyResolver keys, ImportCounts counts, Consumer<String> say) {}
