import { Body, Controller, Get, Param, Post, UseGuards } from '@nestjs/common';
import type { Repository } from 'typeorm';

@Controller('users')
@UseGuards(AuthGuard)
export class UsersController {
  @InjectRepository(User)
  private readonly other: Repository<User>;

  constructor(@InjectRepository(User) private users: Repository<User>) {}

  @Get(':id')
  @UseGuards(RolesGuard)
  async findOne(@Param('id', ParseIntPipe) id: number, @Body() dto: UpdateUser): Promise<User[]> {
    return this.users.query(`SELECT * FROM users WHERE id = ${id}`);
  }

  @Post()
  static create() {}
}
