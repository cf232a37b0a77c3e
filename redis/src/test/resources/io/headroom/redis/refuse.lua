-- Answers with the error that it is given.
return redis.error_reply(ARGV[1])
