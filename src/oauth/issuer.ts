import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { publicUrlOf, Settings } from '../config.js';

/** The name under which this service issues access tokens: the address under which clients reach it (RFC 8414, section 2). */
@Injectable()
export class Issuer {
  #url: string | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Known once the service listens: the port may have been left to the system. */
  get url(): string {
    this.#url ??= publicUrlOf({ publicUrl: this.settings.publicUrl, port: this.#port });
    return this.#url;
  }

  get #port(): number {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    return (server.address() as AddressInfo).port;
  }
}
