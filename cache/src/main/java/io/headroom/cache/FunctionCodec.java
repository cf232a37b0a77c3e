package io.headroom.cache;

import java.util.Objects;

/** A codec of two functions. */
final class FunctionCodec<V> implements CacheCodec<V> {

  private final int id;
  private final Encoder<V> encoder;
  private final Decoder<V> decoder;

  FunctionCodec(int id, Encoder<V> encoder, Decoder<V> decoder) {
    this.id = id;
    this.encoder = Objects.requireNonNull(encoder, "encoder must not be null");
    this.decoder = Objects.requireNonNull(decoder, "decoder must not be null");
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public byte[] encode(V value) throws Exception {
    return encoder.encode(value);
  }

  @Override
  public V decode(byte[] bytes) throws Exception {
    return decoder.decode(bytes);
  }

  /** For messages: whose functions these are is all that tells one such codec from another. */
  @Override
  public String toString() {
    return "codec " + id + " of " + encoder.getClass().getName();
  }
}
