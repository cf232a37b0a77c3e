package io.headroom.cache;

import io.headroom.RequestContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What lies behind a process's own tier: the loader alone ({@link LoaderAlone}), or the tier that
 * processes share and then the loader ({@link SharedSource}). Thread-safe.
 */
interface Source<K, V> {

  /** Hears what becomes of many loads, one by one, from one thread. */
  interface Outcome<K, V> {

    void ended(K key, Load<V> load, Answer<V> answer);

    void failed(K key, Load<V> load, Throwable cause);
  }

  /** A load that may begin now; made before anything is read, and before the key is reserved. */
  Load<V> newLoad(K key);

  /** Gets a value; on the caller's thread, which it may hold up. */
  Answer<V> load(K key, Load<V> load) throws Exception;

  /** Gets many values. */
  void loadAll(Map<K, Load<V>> loads, Outcome<K, V> outcome);

  /** Gives up a load that never began. */
  void abandoned(Load<V> load);

  /** Gets a value for one caller alone, who has seen what this process has not heard of yet. */
  Answer<V> loadApart(K key, RequestContext caller) throws Exception;

  /** Whether the caller has seen something that was not applied here yet: this may be old. */
  boolean isBehind(Standing standing, RequestContext caller);

  /** The same, of whatever is here or being loaded. */
  boolean isBehind(K key, RequestContext caller);

  // What follows is done when it returns, for a writer who waits; for one who goes on, here it is,
  // and elsewhere when the future says so.

  /**
   * A transaction is about to change keys.
   *
   * @param markers what {@link #forget} is to be given at its end, by key
   */
  CompletableFuture<Void> mark(Map<K, byte[]> markers, Writer writer);

  /**
   * Forgets keys, everywhere and here.
   *
   * @param keys not changed by anybody any more
   * @param writer whose token says what was written
   * @param marker what {@link #mark} was given; empty if nothing
   */
  CompletableFuture<Void> forget(Set<K> keys, Writer writer, byte[] marker);

  /** Keeps a value, everywhere and here, and forgets the one before. */
  CompletableFuture<Void> put(K key, V value, Writer writer);

  /** Forgets what has a tag, everywhere and here. */
  CompletableFuture<Void> forgetTag(String tag, Writer writer);

  /** Forgets all keys, everywhere and here. */
  CompletableFuture<Void> forgetAll(Writer writer);

  /** What the shared tier has done; null if there is none. */
  @Nullable SharedStats stats();

  /** Ends what it has begun. */
  void close();
}
