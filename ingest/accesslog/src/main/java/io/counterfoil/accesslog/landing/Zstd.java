package io.counterfoil.accesslog.landing;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Segments are small enough to be compressed and decompressed whole. */
public final class Zstd {
    /** Log lines become no smaller at 2 or 3, which take twice as long: bench/RESULTS.md. */
    private static final int LEVEL = 1;
    /** No object of a landing is larger when decompressed; a frame that claims more is refused before memory is taken. */
    private static final long MAX_BYTES = 64L << 20;

    private static final int CHUNK_BYTES = 64 << 10;

    private Zstd() {}

    public static byte[] compress(byte[] bytes) {
        return compress(bytes, bytes.length);
    }

    /**
     * Compresses the first {@code length} bytes into one frame that states their number. It goes piece by piece through buffers
     * outside the heap: handing the whole array to native code keeps the garbage collector, and with it every thread that
     * allocates, waiting until it is compressed.
     */
    public static byte[] compress(byte[] bytes, int length) {
        ByteBuffer in = ByteBuffer.allocateDirect(CHUNK_BYTES);
        ByteBuffer out = ByteBuffer.allocateDirect(CHUNK_BYTES);
        byte[] piece = new byte[CHUNK_BYTES];
        ByteArrayOutputStream frame = new ByteArrayOutputStream(length / 8 + 64);
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setLevel(LEVEL);
            context.setPledgedSrcSize(length);
            int at = 0;
            boolean done = false;
            while (!done) {
                int count = Math.min(CHUNK_BYTES, length - at);
                in.clear().put(bytes, at, count).flip();
                at += count;
                EndDirective end = at == length ? EndDirective.END : EndDirective.CONTINUE;
                do {
                    out.clear();
                    done = context.compressDirectByteBufferStream(out, in, end);
                    out.flip();
                    int written = out.remaining();
                    out.get(piece, 0, written);
                    frame.write(piece, 0, written);
                } while (in.hasRemaining() || (end == EndDirective.END && !done));
                done = end == EndDirective.END;
            }
        }
        return frame.toByteArray();
    }

    /** @throws IOException where the bytes are no zstd frame of a stated and sensible length */
    public static byte[] decompress(byte[] compressed) throws IOException {
        if (compressed.length == 0) {
            throw new IOException("not a zstd frame: it is empty");
        }
        long length = com.github.luben.zstd.Zstd.getFrameContentSize(compressed);
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("not a zstd frame of at most " + MAX_BYTES + " bytes (it states " + length + ")");
        }
        try {
            return com.github.luben.zstd.Zstd.decompress(compressed, (int) length);
        } catch (ZstdException e) {
            throw new IOException("cannot decompress: " + e.getMessage(), e);
        }
    }
}
