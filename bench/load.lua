-- wrk script: reaches 127.0.0.1 whatever the URL's name, so that SNI and Host are real without DNS,
-- and prints one line of JSON at the end.  With COOKIES, a file of one Cookie field a line, every
-- request carries the next of them.
wrk.resolve = function(_, service) wrk.addrs = wrk.lookup("127.0.0.1", service) end

local file = os.getenv("COOKIES")
if file then
  local requests, last = {}, 0
  init = function(_)
    for line in io.lines(file) do
      wrk.headers["Cookie"] = line
      requests[#requests + 1] = wrk.format()
    end
  end
  request = function()
    last = last % #requests + 1
    return requests[last]
  end
end

done = function(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
