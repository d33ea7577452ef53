/**
 * The kinds of secrets that are known, each as an expression that takes time in proportion to the text. `$1` stays, so
 * that a reader sees what was there.
 *
 * Masking too much costs a word of an error message, masking too little costs a key: so these are wider than those of
 * tools that look for secrets in sources.
 */
export const KINDS: readonly RegExp[] = [
  // Tokens that begin as their issuers agreed, so that they can be found.
  /\b(gh[a-z]_|github_pat_)\w{10,}/g,
  /\b(gl[a-z]{2,9}-|glpat-|GR1348941)[\w.-]{10,}/g,
  /\b((?:sk|pk|rk)-)[\w-]{10,}/g,
  /\b((?:sk|pk|rk|whsec|shp[a-z]{2}|r8|hf|gsk|npm|nfp|vcp|vck|figd|figo|glc|glsa|lin_api|ntn|pat|pnu|dapi|rubygems|sntrys|sntryu|dckr_pat|dckr_oat|dop_v1|doo_v1|pscale_(?:tkn|pw|oauth)|tskey|xkeysib|oy2|lsv2_pt|lsv2_sk|cio|secret|rpa|tvly|fw|csk|ctx7sk|phc|phx|bkua|bkpt|pul|ddp|ddapp|apify_api|fo1|fm[0-9])[_-])[\w.-]{12,}/g,
  /\b(xox[a-z](?:\.xox[a-z])?-|xapp-|xai-|pplx-|NRAK-|NRJS-|PMAK-|AGE-SECRET-KEY-|HRKU-|ops_|CCIPAT_|CFPAT-|EZAK|EZTK|sq0[a-z]{3}-|EAAA)[\w-]{10,}/g,
  /\b(hv[sbr]\.|SG\.|dp\.[a-z]{2,5}\.|ya29\.|1\/\/0|pypi-|AIza|ATATT3|ATCTT3|ATBB|AKCp|A3T|EAAC|EAAG)[\w.-]{12,}/g,
  /\b((?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|LTAI|AKID))[A-Za-z0-9]{12,}/g,
  // A JSON web token, its last part or more cut off or not.
  /\b(eyJ)[\w-]{8,}(?:\.[\w-]*){0,4}/g,
  // A bot of Telegram.
  /\b(\d{8,10}:)AA[\w-]{20,}/g,
  // URLs that are themselves the secret.
  /(hooks\.slack\.com\/[a-z]{1,20}\/)[\w/+-]+/g,
  /(discord(?:app)?\.com\/api\/webhooks\/)[\w/-]+/g,
  // Name and password, or a token, in a URL.
  /(:\/\/)[^\s/@"'<>]{1,256}(?=@)/g,
  // Headers, to the end of the line.
  /\b((?:proxy-)?authorization["']?\s{0,3}[:=]).+/gi,
  /\b((?:set-)?cookie["']?\s{0,3}:).+/gi,
  /\b(bearer\s{1,3})[\w.~+/=-]{8,}/gi,
  // Values of what is named like a secret, quoted or not.
  /((?:passw(?:or)?d|passwd|passphrase|pwd|secret|token|credentials?|api[_-]?key|access[_-]?key|private[_-]?key|signature|[?&]sig)[\w-]{0,30}["']?\s{0,3}(?:=>|:=|[:=])\s{0,3})(?:"[^"\n]{3,}"?|'[^'\n]{3,}'?|[^\s"',;&]{3,})/gi,
  /(\s--?(?:password|passwd|token|secret|api-key)\s{1,3})[^\s-]\S{2,}/gi,
];
