package io.headroom.examples.quickstart.report;

import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * One line of a chart.
 *
 * @param name what it is called
 * @param style the class that gives it colour and dashes
 * @param value the value in a second, NaN if there is none
 * @param text the value as it is read
 * @param legend what the legend says besides the name
 */
record Line(
    String name,
    String style,
    ToDoubleFunction<Second> value,
    DoubleFunction<String> text,
    String legend) {}
