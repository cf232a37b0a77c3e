package com.example.tenants;

/**
 * What this application stores: a document of a tenant, found by both.
 *
 * @param tenant the tenant's name, in whatever case the customer typed it
 * @param number the document's number within the tenant
 */
public record Document(String tenant, long number) {}
