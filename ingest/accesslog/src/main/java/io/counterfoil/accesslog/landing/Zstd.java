package io.counterfoil.accesslog.landing;

import com.github.luben.zstd.ZstdException;

import java.io.IOException;

/** Segments are small enough to be compressed and decompressed whole. */
public final class Zstd {
    private static final int LEVEL = 3;
    /** No object of a landing is larger when decompressed; a frame that claims more is refused before memory is taken. */
    private static final long MAX_BYTES = 64L << 20;

    private Zstd() {}

    public static byte[] compress(byte[] bytes) {
        return com.github.luben.zstd.Zstd.compress(bytes, LEVEL);
    }

    /** @throws IOException where the bytes are no zstd frame of a stated and sensible length */
    public static byte[] decompress(byte[] compressed) throws IOException {
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
