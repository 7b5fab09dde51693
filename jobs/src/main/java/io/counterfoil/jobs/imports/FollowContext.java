package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;

import java.util.function.Consumer;

/**
 * What all files of a followed log share.
 *
 * @param say told what an operator wants to know, a line a change
 * @param between run between any two looks at a file, and between those and publishing: a test lets the server write and logrotate
 *     rotate there, or dies there
 */
record FollowContext(
        FolderLanding landing,
        ImportSettings settings,
        KeyResolver keys,
        ImportCounts counts,
        Consumer<String> say,
        Runnable between) {}
