package io.counterfoil.jobs.imports;

/**
 * What an import did with one file.
 *
 * @param requests records published
 * @param rejects malformed lines, kept with their position and reason
 * @param skipped comment, header and empty lines
 * @param leftOut lines that tell of something else than a client's request
 * @param leftOutWhat what that is, in words; empty where the format has nothing of that kind
 * @param importedBefore bytes at its beginning that an earlier import had published
 * @param unterminated bytes behind the last newline, left for the next import
 * @param withoutKey of the requests, how many carry no key
 * @param unknownKey of the requests, how many carry a key that nobody knows
 * @param createdKeys keys that were created
 */
public record ImportResult(
        String file,
        long requests,
        long rejects,
        long skipped,
        long leftOut,
        String leftOutWhat,
        long segments,
        long importedBefore,
        long unterminated,
        long withoutKey,
        long unknownKey,
        long createdKeys) {}
