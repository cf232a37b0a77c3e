package com.example.market;

/**
 * What a stall shows to everybody.
 *
 * @param stall which
 * @param name what it is called
 * @param stock how much it has left
 */
public record Page(long stall, String name, int stock) {}
