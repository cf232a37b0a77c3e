package io.headroom.cache;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;
import java.lang.ref.Reference;

/**
 * Compression by Zstandard (RFC 8878), at its usual level.
 *
 * <pre>{@code
 * CacheCompression compression = ZstdCompression.above(1_024);
 * }</pre>
 *
 * <p>It keeps up to one context for each processor and direction in native memory, of about a
 * megabyte where values are large: let caches share an instance. They are freed after it.
 *
 * <p>Thread-safe. Needs zstd-jni, which nothing else in this module does.
 */
public final class ZstdCompression implements CacheCompression {

  private final int thresholdBytes;
  private final IdleContexts<ZstdCompressCtx> compressors =
      new IdleContexts<>(ZstdCompressCtx::new, ZstdCompressCtx::close);
  private final IdleContexts<ZstdDecompressCtx> decompressors =
      new IdleContexts<>(ZstdDecompressCtx::new, ZstdDecompressCtx::close);

  private ZstdCompression(int thresholdBytes) {
    this.thresholdBytes = thresholdBytes;
  }

  /**
   * Compresses what is larger than a threshold.
   *
   * @param thresholdBytes the largest size, in bytes, that is left as it is; 0 or more. Some
   *     hundred at least: smaller values hardly shrink
   * @return the compression
   * @throws IllegalArgumentException if the threshold is negative
   * @throws IllegalStateException if zstd-jni is not there, or has no library for this platform
   */
  public static ZstdCompression above(int thresholdBytes) {
    if (thresholdBytes < 0) {
      throw new IllegalArgumentException("thresholdBytes must be 0 or more, was " + thresholdBytes);
    }
    try {
      Zstd.defaultCompressionLevel(); // says now, not at the first large value, what is missing
    } catch (LinkageError missing) {
      throw new IllegalStateException(
          "zstd-jni can't be used ("
              + missing
              + "): add com.github.luben:zstd-jni, or leave the compression out",
          missing);
    }
    ZstdCompression compression = new ZstdCompression(thresholdBytes);
    compression.compressors.freeWith(compression);
    compression.decompressors.freeWith(compression);
    return compression;
  }

  @Override
  public int id() {
    return 1;
  }

  @Override
  public boolean worthwhile(int rawLength) {
    return rawLength > thresholdBytes;
  }

  @Override
  public byte[] compress(byte[] raw) {
    ZstdCompressCtx context = compressors.take();
    try {
      return context.compress(raw);
    } finally {
      compressors.giveBack(context);
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public byte[] decompress(byte[] compressed, int offset, int length, int rawLength)
      throws IOException {
    byte[] raw = new byte[rawLength];
    int size;
    ZstdDecompressCtx context = decompressors.take();
    try {
      // Decodes in one go: no window beside the result, and an exception where it doesn't fit in.
      size = context.decompressByteArray(raw, 0, rawLength, compressed, offset, length);
    } finally {
      decompressors.giveBack(context);
      Reference.reachabilityFence(this);
    }
    if (size != rawLength) {
      throw new IOException(
          "the compressed bytes became " + size + " bytes instead of " + rawLength);
    }
    return raw;
  }
}
