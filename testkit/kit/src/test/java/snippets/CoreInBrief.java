package snippets;

import io.headroom.KeyHash;
import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import java.time.Duration;

/** What the README of core shows, compiled. */
final class CoreInBrief {

  TokenSigner signer(byte[] secret) {
    // snippet: token-signer
    // 32 random bytes, the same in all processes, and the number of this key
    TokenSigner signer = TokenSigner.builder().signingKey(1, secret).build();
    // end snippet
    return signer;
  }

  @SuppressWarnings({"try", "UnusedVariable"}) // it shows what there is, and uses none of it
  void handle(long userId, String cookie, TokenSigner signer) {
    // snippet: core-in-brief
    RequestContext context =
        RequestContext.builder().timeout(Duration.ofSeconds(2)).cohortOf(userId).build();
    try (RequestContext.Scope scope = context.attach()) {
      int slot = (int) (KeyHash.of(userId) & 16383); // hashint8extended(user_id, 0) & 16383
      context.observe(signer.openOrNone(cookie)); // what this caller has seen before
    }
    // end snippet
  }
}
