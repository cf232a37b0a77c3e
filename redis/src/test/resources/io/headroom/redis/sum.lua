-- Adds to a number, which stands before or is begun; answers with it.
return {redis.call('INCRBY', KEYS[1], amount())}
