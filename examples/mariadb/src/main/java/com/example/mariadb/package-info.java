/**
 * Another database behind Headroom's routing; begin at {@link com.example.mariadb.MariaDbProbe}.
 */
@NullMarked
package com.example.mariadb;

import org.jspecify.annotations.NullMarked;
