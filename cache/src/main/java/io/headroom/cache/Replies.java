package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.InvalidTokenException;
import io.headroom.cache.SharedRead.Lease;
import io.headroom.cache.SharedRead.State;
import io.headroom.cache.SharedStore.SyncAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the scripts reply, and what is on the bus; {@code common.lua} says how it is written.
 */
final class Replies {

  private static final State[] STATES = State.values();
  private static final Lease[] LEASES = Lease.values();
  private static final int EPOCH_DIGITS = 19;

  private Replies() {}

  /**
   * What a script read of an entry.
   *
   * @param at where the partition stood
   * @param from which value of the reply is the first of the entry's
   */
  static SharedRead read(List<Object> reply, Position at, int from) {
    int code = (int) integer(reply.get(from));
    return new SharedRead(
        STATES[code % 10],
        LEASES[code / 10],
        integer(reply.get(from + 1)),
        integer(reply.get(from + 2)),
        integer(reply.get(from + 3)),
        (byte[]) reply.get(from + 4),
        tombstone((byte[]) reply.get(from + 5)),
        at);
  }

  private static @Nullable ConsistencyToken tombstone(byte @Nullable [] text) {
    if (text == null) {
      return null;
    }
    if (text.length == 0) {
      return SharedRead.WRITER_UNKNOWN;
    }
    try {
      ConsistencyToken all = ConsistencyToken.NONE;
      for (String one : new String(text, StandardCharsets.US_ASCII).split(" ", -1)) {
        all = all.merge(ConsistencyToken.parse(one));
      }
      return all.primaryForUnknown() ? SharedRead.WRITER_UNKNOWN : all;
    } catch (InvalidTokenException garbage) {
      return SharedRead.WRITER_UNKNOWN;
    }
  }

  /** Where a partition stands, and what has happened there. */
  static SyncAnswer synced(List<Object> reply) {
    Position at = position(reply);
    List<Invalidation> records = new ArrayList<>();
    boolean isGarbled = false;
    for (int i = 6; i < reply.size(); i++) {
      byte[] record = (byte[]) reply.get(i);
      try {
        if (record != null) {
          records.add(record(ByteBuffer.wrap(record), at.incarnation()));
        }
      } catch (RuntimeException garbage) { // no news of ours: something was missed
        isGarbled = true;
      }
    }
    return new SyncAnswer(
        at,
        digits((byte[]) reply.get(2)),
        (int) digits((byte[]) reply.get(3)),
        end((byte[]) reply.get(4)),
        isGarbled ? List.of() : records,
        isGarbled,
        integer(reply.get(5)));
  }

  private static @Nullable Position end(byte[] epochAndSequence) {
    return epochAndSequence.length <= EPOCH_DIGITS
        ? null
        : new Position(
            digits(epochAndSequence, 0, EPOCH_DIGITS),
            digits(epochAndSequence, EPOCH_DIGITS, epochAndSequence.length - EPOCH_DIGITS));
  }

  /**
   * Reads a message of the bus.
   *
   * @param reader is given the partition and the invalidation
   * @throws RuntimeException if it is none of ours
   */
  static <T> T message(byte[] message, BiFunction<Integer, Invalidation, T> reader) {
    ByteBuffer bytes = ByteBuffer.wrap(message);
    int partition = bytes.getShort() & 0xFFFF;
    byte[] epoch = new byte[EPOCH_DIGITS];
    bytes.get(epoch);
    return reader.apply(partition, record(bytes, digits(epoch)));
  }

  private static Invalidation record(ByteBuffer bytes, long epoch) {
    long sequence = (long) bytes.getDouble();
    long identity = bytes.getLong();
    long sender = bytes.getLong();
    Invalidation.Kind kind = Invalidation.Kind.of((char) bytes.get());
    byte[] token = new byte[bytes.getShort() & 0xFFFF];
    bytes.get(token);
    byte[] subject = new byte[bytes.remaining()];
    bytes.get(subject);
    return new Invalidation(
        new Position(epoch, sequence),
        identity,
        sender,
        kind,
        Objects.requireNonNull(tombstone(token)),
        new String(subject, StandardCharsets.UTF_8));
  }

  /** Where a partition stands, which every reply begins with. */
  static Position position(List<Object> reply) {
    return new Position(digits((byte[]) reply.get(0)), integer(reply.get(1)));
  }

  static long integer(Object reply) {
    return (Long) reply;
  }

  /** 0 if there are none. */
  private static long digits(byte[] text) {
    return digits(text, 0, text.length);
  }

  private static long digits(byte[] text, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = 10 * number + (text[i] - '0');
    }
    return number;
  }
}
