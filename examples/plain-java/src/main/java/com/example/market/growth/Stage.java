package com.example.market.growth;

import com.example.market.Market;
import com.example.market.Stage1OneDatabase;
import com.example.market.Stage2Guard;
import com.example.market.Stage3Replicas;
import com.example.market.Stage4Cache;
import com.example.market.Stage5Shards;
import com.example.market.Stage6Limits;
import io.headroom.TokenSigner;
import java.util.List;

/** The stages, on the servers that each needs. */
enum Stage {
  ONE_DATABASE("1 one database"),
  GUARD("2 guard"),
  REPLICAS("3 replicas"),
  CACHE("4 cache"),
  SHARDS("5 shards"),
  LIMITS("6 limits");

  private final String title;

  Stage(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  boolean isSharded() {
    return this == SHARDS || this == LIMITS;
  }

  Market open(Servers servers) {
    List<String> one = servers.one();
    TokenSigner signer = servers.signer();
    return switch (this) {
      case ONE_DATABASE -> new Stage1OneDatabase(one.get(0));
      case GUARD -> new Stage2Guard(one.get(0));
      case REPLICAS -> new Stage3Replicas(one, signer);
      case CACHE -> new Stage4Cache(one, signer, servers.redisUri());
      case SHARDS -> new Stage5Shards(servers.sharded(), signer, servers.redisUri());
      case LIMITS -> new Stage6Limits(servers.sharded(), signer, servers.redisUri());
    };
  }
}
