/**
 * Has every connection to a vendor's name go to the double, whatever client makes it: fetch of any version of Node, and
 * agents that know no proxy. Required before every script by `mockserver run`; the environment says where the double is.
 */
'use strict';

const { Socket } = require('net');

const double = new URL(process.env.MOCKSERVER_URL);
const host = double.hostname.replace(/^\[|\]$/g, '');
const domains = process.env.MOCKSERVER_DOMAINS.split(',');
const connect = Socket.prototype.connect;

const isVendors = (name) => {
  const bare = String(name).toLowerCase().replace(/\.$/, '');
  return domains.some((domain) => bare === domain || bare.endsWith(`.${domain}`));
};

Socket.prototype.connect = function (first, ...rest) {
  const options = Array.isArray(first) ? first[0] : first;
  if (options && typeof options === 'object' && isVendors(options.host)) {
    const turned = { ...options, host, port: double.port };
    if (Array.isArray(first)) first[0] = turned; // which Node has marked as its own
    else first = turned;
  } else if (isVendors(rest[0])) {
    [first, rest[0]] = [double.port, host];
  }
  return connect.call(this, first, ...rest);
};
