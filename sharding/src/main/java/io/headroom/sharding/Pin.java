package io.headroom.sharding;

import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;

/**
 * One key that lives where the map says, not where its hash would put it. Immutable.
 *
 * @param key the key: a {@link Long} (for every integer type), {@link String}, {@link UUID} or
 *     {@code byte[]}
 * @param slot the slot of this key alone, {@link ShardMap#FIRST_PINNED_SLOT} or above
 * @param owner id of the shard that owns the slot
 */
public record Pin(Object key, int slot, String owner) {

  /**
   * Creates a pin.
   *
   * @param key an integer of any type, a String, a UUID or a byte array, which is copied
   * @param slot the slot of this key alone
   * @param owner id of the shard that owns the slot
   * @throws IllegalArgumentException if the key is of a type that can't be pinned
   * @throws NullPointerException if the key or the owner is null
   */
  public Pin {
    key = PinKeys.normalized(key);
    Objects.requireNonNull(owner, "owner");
  }

  /**
   * The key; bytes come as a copy.
   *
   * @return a {@link Long}, {@link String}, {@link UUID} or {@code byte[]}
   */
  @Override
  public Object key() {
    return key instanceof byte[] bytes ? bytes.clone() : key;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pin pin
        && slot == pin.slot
        && owner.equals(pin.owner)
        && Objects.deepEquals(key, pin.key);
  }

  @Override
  public int hashCode() {
    int hash = key instanceof byte[] bytes ? Arrays.hashCode(bytes) : key.hashCode();
    return 31 * hash + slot;
  }

  @Override
  public String toString() {
    return "Pin[" + PinKeys.describe(key) + " → " + owner + ", slot " + slot + "]";
  }
}
