package com.example.bookshop;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.scheduling.annotation.EnableAsync;

/** The application. */
@SpringBootApplication
@EnableCaching
@EnableAsync
public class Bookshop {}
