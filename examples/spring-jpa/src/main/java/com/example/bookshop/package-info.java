/** A bookshop as Spring Boot applications are: entities, repositories, services, controllers. */
package com.example.bookshop;
