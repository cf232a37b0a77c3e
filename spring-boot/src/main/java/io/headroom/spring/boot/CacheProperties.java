package io.headroom.spring.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One cache. Immutable.
 *
 * @param maximumEntries how many keys this process keeps; 10,000 unless set
 * @param ttl how long this process has a value at hand; 60 s unless set
 * @param staleFor for how long after that it may be served where a load fails, is slow or is to be
 *     spared, to a {@code sync = true} method of {@code @Cacheable} (another is warned of); never
 *     unless set
 * @param ttlJitter what part of the ttl chance takes away; 0.1 unless set
 * @param softTimeout how long one who can be served a stale value waits for a load
 * @param hardTimeout how long anyone waits for a load
 * @param resource the pool whose load it spares; all that are read from unless set
 * @param shared whether Redis holds its values for all processes: those of {@code sync = true}
 *     methods, while a plain {@code @Cacheable} keeps its own in its process, and is warned of
 * @param type the class of its values, such as com.example.Book, long or {@code
 *     java.util.List<com.example.Book>}; for a shared cache, and for it alone
 * @param sharedTtl how long Redis has a value; an hour unless set
 * @param schemaVersion of the type; 1 unless set
 * @param maximumStaleness for how long a process trusts its own values while it hears nothing; 10 s
 *     unless set
 */
record CacheProperties(
    @Nullable Long maximumEntries,
    @Nullable Duration ttl,
    @Nullable Duration staleFor,
    @Nullable Double ttlJitter,
    @Nullable Duration softTimeout,
    @Nullable Duration hardTimeout,
    @Nullable String resource,
    @DefaultValue("false") boolean shared,
    @Nullable String type,
    @Nullable Duration sharedTtl,
    @Nullable Integer schemaVersion,
    @Nullable Duration maximumStaleness) {}
