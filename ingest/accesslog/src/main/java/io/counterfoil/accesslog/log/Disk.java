package io.counterfoil.accesslog.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** What the log asks of the disk under its segment files. Tests put one in its place that fails or forgets. */
interface Disk {
    /** The real one. */
    Disk REAL = new Disk() {
        private final ByteBuffer zeros = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

        @Override
        public void force(FileChannel file) throws IOException {
            file.force(false);
        }

        @Override
        public void zero(FileChannel file, long from, long to) throws IOException {
            ByteBuffer own = zeros.duplicate();
            long at = from;
            while (at < to) {
                own.clear().limit((int) Math.min(own.capacity(), to - at));
                at += file.write(own, at);
            }
        }
    };

    /** Makes the file's content outlast power loss. A call that failed proves nothing about a later one: never repeat it. */
    void force(FileChannel file) throws IOException;

    /** Writes zeros, so that every block of the range is really there. */
    void zero(FileChannel file, long from, long to) throws IOException;
}
