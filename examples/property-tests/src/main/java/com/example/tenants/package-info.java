/**
 * A service's own routing: {@link com.example.tenants.TenantRouter} puts tenants on shards, and the
 * tests of this project hold it to Headroom's laws; {@link com.example.tenants.UploadLimit} bounds
 * what a tenant may store.
 */
package com.example.tenants;
