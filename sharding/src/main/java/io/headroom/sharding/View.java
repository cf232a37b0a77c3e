package io.headroom.sharding;

import java.util.AbstractList;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/** An unmodifiable list whose elements are made when they are asked for. */
final class View<T> extends AbstractList<T> implements RandomAccess {

  private final int size;
  private final IntFunction<? extends T> element;

  View(int size, IntFunction<? extends T> element) {
    this.size = size;
    this.element = element;
  }

  @Override
  public T get(int index) {
    return element.apply(index);
  }

  @Override
  public int size() {
    return size;
  }
}
