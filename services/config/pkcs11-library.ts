/** What ike.config(5) gives as the default of `pkcs11_path`. */
export const DEFAULT_PKCS11_LIBRARY = 'libpkcs11.so';
