import { originOf, parseCheckpoint, writeCheckpoint } from '../../../src/audit/evidence/checkpoint.js';
import {
  openNote,
  parseVerifierKey,
  publicKeyOf,
  signNote,
  writeVerifierKey,
} from '../../../src/audit/evidence/signed-note.js';
import { keyNamed } from '../../support/keys.js';

// The key, note and signature of https://pkg.go.dev/golang.org/x/mod/sumdb/note, whose format became C2SP's.
const PETERS_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETERS_SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const TEXT = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const PETERS_NOTE = `${TEXT}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
const peter = parseVerifierKey(PETERS_KEY);
const seed = keyNamed('evidence-1').key;
const own = { name: 'tokens.example.com/acme', publicKey: publicKeyOf(seed) };

describe('a signed note', () => {
  it('is what Go signs, and verifies what Go signed', () => {
    expect(signNote(TEXT, 'PeterNeumann', PETERS_SEED)).toBe(PETERS_NOTE);
    expect(writeVerifierKey({ name: 'PeterNeumann', publicKey: publicKeyOf(PETERS_SEED) })).toBe(PETERS_KEY);
    expect(openNote(PETERS_NOTE, [peter])).toEqual({ text: TEXT, key: peter });
  });

  it('may be signed by others as well, whose keys nobody here knows', () => {
    const signature = signNote(TEXT, own.name, seed).slice(TEXT.length + 1);
    expect(openNote(PETERS_NOTE + signature, [own]).key).toBe(own);
    expect(openNote(PETERS_NOTE + signature, [own, peter]).key).toBe(peter);
  });

  it.each([
    ['with another text', PETERS_NOTE.replace('your', 'my'), 'does not fit'],
    ['with another signature', PETERS_NOTE.replace('BS9UG', 'BS9UH'), 'does not fit'],
    ['of another key', signNote(TEXT, 'PeterNeumann', seed), 'not signed with the key given'],
    ['of another name', signNote(TEXT, 'Peter', PETERS_SEED), 'not signed with the key given'],
    ['without a signature', `${TEXT}\n`, 'signed note'],
    ['without its last line end', PETERS_NOTE.slice(0, -1), 'signed note'],
    ['with something behind', `${PETERS_NOTE}!\n`, 'none'],
    ['with control characters', PETERS_NOTE.replace('If', 'I\rf'), 'control characters'],
    ['that is empty', '', 'no signed note'],
  ])('%s is refused', (_, note, sentence) => {
    expect(() => openNote(note, [peter])).toThrow(sentence);
  });

  it.each([
    ['a name with a blank', () => signNote(TEXT, 'a b', seed)],
    ['a name with a plus', () => signNote(TEXT, 'a+b', seed)],
    ['no key', () => parseVerifierKey('PeterNeumann')],
    ['a key with another hash', () => parseVerifierKey(PETERS_KEY.replace('c74f20a3', 'c74f20a4'))],
    ['a key with another name', () => parseVerifierKey(PETERS_KEY.replace('Peter', 'Pater'))],
    ['a key of another kind', () => parseVerifierKey(PETERS_KEY.replace('+ARpc', '+AhpC'))],
  ])('%s is refused', (_, attempt) => {
    expect(attempt).toThrow();
  });
});

describe('a checkpoint', () => {
  const rootHash = Buffer.from('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', 'base64');

  it('is three lines, and read again', () => {
    const checkpoint = { origin: 'example.com/behind-the-sofa', size: 20852163, rootHash };
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    expect(writeCheckpoint(checkpoint)).toBe(text);
    expect(parseCheckpoint(text)).toEqual(checkpoint);
    expect(parseCheckpoint(`${text}an extension\n`)).toEqual(checkpoint);
  });

  it('names the service and the tenant in an origin that can be the name of a key', () => {
    expect(originOf('https://tokens.example.com', 'acme')).toBe('tokens.example.com/acme');
    expect(originOf('http://127.0.0.1:3000', 'a+b %Größe')).toBe('127.0.0.1:3000/a%2Bb%20%25Gr%C3%B6%C3%9Fe');
  });

  it.each(['a\n01\n', 'a\n-1\n', 'a\n1e3\n', '\n1\n', 'a\n9999999999999999\n'])(
    'with a bad head is refused: %j',
    (head) => {
      expect(() => parseCheckpoint(`${head}CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`)).toThrow('no checkpoint');
    },
  );

  it('with a short root is refused', () => {
    expect(() => parseCheckpoint('a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2=\n')).toThrow('no checkpoint');
  });
});
