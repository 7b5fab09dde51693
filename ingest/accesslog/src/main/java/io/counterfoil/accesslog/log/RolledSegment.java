package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Unlogged;

/**
 * A segment that takes no more records and waits to be sealed, with what only its event loop knew.
 *
 * @param records what was acknowledged; the file must hold exactly that
 */
record RolledSegment(
        SegmentId id,
        MappedSegment file,
        ControlPage control,
        RecordRange records,
        long served,
        Unlogged unlogged,
        long throughMicros,
        long clockStepMicros,
        boolean endOfStream) {}
