/**
 * Azure makes no Linux machine without a password or an RSA key. Where a spec gives none, this one is put in, whose
 * private half nobody has: its modulus is RSA-2048 of the RSA Factoring Challenge, which has never been factored. It
 * is the same in each request, so that a repeated launch is the same request.
 */
const modulus =
  25195908475657893494027183240048398571429282126204032027777137836043662020707595556264018525880784406918290641249515082189298559149176184502808489120072844992687392807287776735971418347270261896375014971824691165077613379859095700097330459748808428401797429100642458691817195118746121515172654632282216869987549182422433637259085141865462043576798423387184774447920739934236584823824281198163815010674810451660377306056201619676256133844143603833904414952634432190114657544454178424020924616515723350778707749817125772467962926386356373289912154831438167899885040445364023527381951378636564391212010397122822120720357n

export const nobodysKey = `ssh-rsa ${wire(modulus)} nobody`

/** The key blob of RFC 4253, section 6.6. */
function wire(n: bigint): string {
  const exponent = Buffer.from([1, 0, 1])
  const hex = n.toString(16)
  // A zero in front says that the number is positive.
  const number = Buffer.from(`00${hex.padStart(hex.length + (hex.length % 2), '0')}`, 'hex')
  const fields = [Buffer.from('ssh-rsa'), exponent, number].flatMap(field => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(field.length)
    return [length, field]
  })
  return Buffer.concat(fields).toString('base64')
}
